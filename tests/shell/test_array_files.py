"""Files of named arrays: what goes in comes out, in the same bytes; what is no such file is told and not run."""

import os
import struct
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from segshell import files
from segshell.array_files import ArraysError, read_arrays, write_arrays

CHEAP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
STEPS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"), min_size=1, max_size=8
)
NAMES = st.lists(STEPS.filter(lambda step: step not in {".", ".."}), min_size=1, max_size=3).map("/".join)
KINDS = st.one_of(
    arrays_of.boolean_dtypes(),
    arrays_of.integer_dtypes(),
    arrays_of.unsigned_integer_dtypes(),
    arrays_of.floating_dtypes(),
    arrays_of.complex_number_dtypes(),
)
ARRAYS = arrays_of.arrays(KINDS, arrays_of.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))


class Touching:
    """Pickles to a call that makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def zipped(path, *members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def as_npy(array, **keywords):
    stream = BytesIO()
    np.lib.format.write_array(stream, array, **keywords)
    return stream.getvalue()


def with_header(text, data=b""):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def same(one, other):
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(arrays=st.dictionaries(NAMES, ARRAYS, max_size=4))
@CHEAP
def test_what_is_written_is_read_again_bit_for_bit_and_by_numpy_too(tmp_path, arrays):
    path = tmp_path / "arrays"
    write_arrays(path, arrays)
    read = read_arrays(path)
    assert list(read) == sorted(arrays)
    assert all(same(read[name], array) for name, array in arrays.items())
    assert all(array.flags.writeable for array in read.values())
    with np.load(path, allow_pickle=False) as loaded:
        assert all(same(loaded[name + ".npy"], array) for name, array in arrays.items())


@given(array=ARRAYS, order=st.sampled_from("CF"))
@CHEAP
def test_what_numpy_saved_is_read_in_either_order_of_its_values(tmp_path, array, order):
    np.savez(tmp_path / "x.npz", a=np.asarray(array, order=order))
    assert same(read_arrays(tmp_path / "x.npz")["a"], array)


def test_equal_arrays_give_equal_bytes_whatever_their_order_of_names_and_of_values(tmp_path):
    values = np.arange(6.0).reshape(2, 3)
    write_arrays(tmp_path / "one", {"a": values, "b/c": np.int64(7)[()] + np.zeros((), np.int64)})
    write_arrays(
        tmp_path / "two", {"b/c": np.asarray(7, np.int64), "a": np.asfortranarray(values.repeat(2, 0)[::2])}
    )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    "array",
    [np.array([None]), np.array(["text"]), np.zeros(2, "i4,f4"), np.zeros(1, "M8[s]"), np.zeros(1, "V4")],
)
def test_an_array_of_anything_but_numbers_is_refused_and_leaves_the_old_file(tmp_path, array):
    path = tmp_path / "arrays"
    path.write_bytes(b"old")
    with pytest.raises(ArraysError, match="'odd'"):
        write_arrays(path, {"fine": np.zeros(1), "odd": array})
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["arrays"]


@pytest.mark.parametrize("name", ["", "..", "../x", "a/../b", "/a", "a/", "a//b", "C:x", "a\\b", "a\nb", "."])
def test_a_name_that_leads_elsewhere_is_neither_written_nor_read(tmp_path, name):
    with pytest.raises(ArraysError, match="named"):
        write_arrays(tmp_path / "arrays", {name: np.zeros(1)})
    zipped(tmp_path / "made", (f"{name}.npy", as_npy(np.zeros(1))))
    with pytest.raises(ArraysError, match="is no array"):
        read_arrays(tmp_path / "made")


def test_a_folder_that_is_missing_is_told_as_every_writing_tells_it(tmp_path):
    with pytest.raises(files.WriteError):
        write_arrays(tmp_path / "none" / "arrays", {"a": np.zeros(1)})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "arrays"
    write_arrays(path, {"a/b": np.arange(5, dtype=np.float32), "c": np.arange(6).reshape(2, 3)})
    return path


@given(data=st.data())
@settings(CHEAP, max_examples=150)
def test_a_file_cut_off_anywhere_is_refused(tmp_path, whole, data):
    content = whole.read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(ArraysError, match="cut"):
        read_arrays(path)


@given(data=st.data())
@settings(CHEAP, max_examples=300)
def test_one_wrong_bit_is_refused_or_changes_no_array(tmp_path, whole, data):
    content = bytearray(whole.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "flipped"
    path.write_bytes(content)
    try:
        read = read_arrays(path)
    except ArraysError:
        return
    expected = read_arrays(whole)
    assert list(read) == list(expected)
    assert all(same(read[name], array) for name, array in expected.items())


def test_every_bit_of_the_values_is_watched_over(tmp_path, whole):
    content = bytearray(whole.read_bytes())
    start = content.index(np.arange(5, dtype=np.float32).tobytes())
    for place in range(start, start + 20):
        flipped = content[:]
        flipped[place] ^= 1
        (tmp_path / "flipped").write_bytes(flipped)
        with pytest.raises(ArraysError, match="CRC"):
            read_arrays(tmp_path / "flipped")


def test_a_pickle_in_an_array_of_objects_is_not_opened(tmp_path):
    sentinel = tmp_path / "sentinel"
    odd = np.array([Touching(sentinel)], dtype=object)
    np.savez(tmp_path / "odd.npz", odd=odd)
    with pytest.raises(ArraysError, match="no array of numbers"):
        read_arrays(tmp_path / "odd.npz")
    assert not sentinel.exists()


HEADERS = {
    "an expression": b"{'descr': '<f4', 'fortran_order': False, 'shape': (1+1,), }\n",
    "a call": b"{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (2,), }\n",
    "objects": b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n",
    "fields": b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n",
    "no such type": b"{'descr': '<f9', 'fortran_order': False, 'shape': (2,), }\n",
    "a negative length": b"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n",
    "a long claim": b"{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999, 99999999999), }\n",
    "too many brackets": b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"(" * 60000 + b"\n",
    "one value less": b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_numpy_would_not_write_for_these_bytes_is_refused(tmp_path, header):
    with pytest.raises(ArraysError, match=r"a\.npy|'a'|data type"):
        read_arrays(zipped(tmp_path / "made", ("a.npy", with_header(header, bytes(8)))))


def test_a_compressed_member_is_refused_before_it_is_unpacked(tmp_path):
    bomb = zipped(tmp_path / "bomb", ("a.npy", as_npy(np.zeros(10**7))), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ArraysError, match="compressed"):
        read_arrays(bomb)


def test_members_that_share_their_bytes_to_claim_more_than_the_file_has_are_refused(tmp_path):
    path = tmp_path / "overlapping"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", as_npy(np.zeros(1000)))
        for number in range(3):
            entry = zipfile.ZipInfo(f"a{number}.npy")
            first = archive.filelist[0]
            entry.file_size, entry.compress_size, entry.CRC = first.file_size, first.file_size, first.CRC
            entry.header_offset = 0
            archive.filelist.append(entry)
    with pytest.raises(ArraysError, match="more bytes than it has"):
        read_arrays(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_or_one_that_is_no_array_are_refused(tmp_path):
    member = ("a.npy", as_npy(np.zeros(1)))
    with pytest.raises(ArraysError, match="two members"):
        read_arrays(zipped(tmp_path / "twice", member, member))
    for odd in ("notes.txt", "a.pkl", "folder/"):
        with pytest.raises(ArraysError, match="is no array"):
            read_arrays(zipped(tmp_path / "more", member, (odd, b"")))


def test_what_is_no_archive_or_no_file_is_told_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "other").write_bytes(b"import os\n" * 100)
    np.save(tmp_path / "single.npy", np.zeros(3))
    for name in ("pipe", "folder", "empty", "other", "single.npy", "none"):
        with pytest.raises(ArraysError, match=name) as caught:
            read_arrays(tmp_path / name)
        assert caught.value.exit_code == 5


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_the_file_of_an_error_that_the_system_raises_is_named(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ArraysError, match=r"loop.*symbolic"):
        read_arrays(tmp_path / "loop")
