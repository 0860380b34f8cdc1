"""The reader of each kind."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from segcore import kinds
from segcore.catalog.catalog import Catalog
from segcore.parsing import read_containers, read_formats, read_names, read_scalars
from segcore.parsing.nodes import Node, kind_name, plain
from segcore.parsing.reading import Context, Folders, Reading, beside, fault
from segcore.stages import own_weights


def _read_monitor(_kind: kinds.Monitor, node: Node, context: Context) -> Reading:
    return read_scalars.read_text(kinds.Text(), node, context)


def _read_path(kind: kinds.PathText, node: Node, context: Context) -> Reading:
    reading = read_scalars.read_text(kinds.Text(), node, context)
    # The kept weights of this experiment are its own, whichever file names them.
    if reading.findings or reading.value in kind.words or own_weights(reading.value):
        return reading
    if "\0" in reading.value:
        message = f"expected a path, got {kind_name(node)}; no path holds a NUL."
        return fault("control-character", message, node, context, advice="Remove the \\0.")
    return Reading(beside(context.folder_of(node.place), reading.value))


def _read_anything(_kind: kinds.Anything, node: Node, _context: Context) -> Reading:
    return Reading(read_containers.freeze(plain(node)))


_READERS: MappingProxyType[type, Callable[[Any, Node, Context], Reading]] = MappingProxyType(
    {
        kinds.Flag: read_scalars.read_flag,
        kinds.Integer: read_scalars.read_integer,
        kinds.Number: read_scalars.read_number,
        kinds.Text: read_scalars.read_text,
        kinds.PathText: _read_path,
        kinds.Monitor: _read_monitor,
        kinds.Optional: read_containers.read_optional,
        kinds.ListOf: read_containers.read_list,
        kinds.Either: read_containers.read_either,
        kinds.TableOf: read_containers.read_table,
        kinds.Stochastic: read_containers.read_stochastic,
        kinds.Named: read_names.read_named,
        kinds.NamedList: read_names.read_named_list,
        kinds.Formatted: read_formats.read_formatted,
        kinds.Losses: read_names.read_losses,
        kinds.Anything: _read_anything,
    }
)


def read(kind: kinds.Kind, node: Node, context: Context) -> Reading:
    """Read a node as a kind says; all findings at once."""
    return _READERS[type(kind)](kind, node, context)


def context_for(catalog: Catalog, folders: Folders = ()) -> Context:
    """Return the context at the root of a document; `folders` are those of the files that it was made of."""
    return Context(catalog, read, folders=folders)
