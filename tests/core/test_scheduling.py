"""Which fold-stage comes next: turns, chains of stages, and a pool that takes and ends them in any order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.planning import plan
from segcore.plans import FromStage
from segcore.scheduling import Task, in_order, most_at_once, pick, ready, slots, task_of
from tests import record_strategies as records

NAMES = ("a", "b", "c")
PLAN = plan(records.config_of(), records.table_of(12, [0, 1, 5]), records.split_of(12, 3))


@st.composite
def experiments(draw):
    """Return the tasks of up to three experiments; some stages are done, and a stage waits for the one before it."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        replicates, folds, stages = (draw(st.integers(1, most)) for most in (2, 3, 3))
        for replicate in range(replicates):
            for fold in range(folds):
                begin = draw(st.integers(0, stages))
                for stage in range(begin, stages):
                    after = (fold, stage - 1) if stage > begin else None
                    kind, steps = draw(st.sampled_from("xy")), draw(st.integers(0, 9))
                    key = f"{name}{replicate}{fold}{stage}"
                    found.append(Task(name, replicate, fold, stage, key, kind, steps, after))
    return tuple(found)


@given(experiments(), st.randoms(use_true_random=False))
def test_the_order_is_of_the_tasks_alone(tasks, random):
    shuffled = list(tasks)
    random.shuffle(shuffled)
    assert in_order(shuffled) == in_order(tasks)
    assert sorted(in_order(tasks), key=lambda one: one.place) == sorted(tasks, key=lambda one: one.place)


@given(experiments())
def test_no_experiment_has_a_turn_more_before_all_have_had_theirs(tasks):
    turns: dict[str, list[tuple[int, int]]] = {}
    rounds = []
    for task in in_order(tasks):
        had = turns.setdefault(task.experiment, [])
        if task.turn not in had:
            had.append(task.turn)
        rounds.append(had.index(task.turn))
    assert rounds == sorted(rounds)
    assert all(had == sorted(had) for had in turns.values())


@given(experiments())
def test_one_experiment_alone_keeps_the_order_of_its_plan(tasks):
    own = [one for one in tasks if one.experiment == tasks[0].experiment] if tasks else []
    assert list(in_order(own)) == sorted(own, key=lambda one: one.place)


def test_folds_that_are_finished_have_been_turns():
    tasks = [Task("a", 0, 3, 0, "a"), Task("b", 0, 0, 0, "b0"), Task("b", 0, 1, 0, "b1")]
    assert [one.key for one in in_order(tasks)] == ["a", "b0", "b1"]
    assert [one.key for one in in_order(tasks, {"a": 3})] == ["b0", "b1", "a"]


def test_within_a_turn_the_cheapest_fold_comes_first_with_all_its_stages():
    tasks = [
        Task("a", 0, 0, 0, "a0", steps=1),
        Task("a", 0, 0, 1, "a1", steps=9, after=(0, 0)),
        Task("b", 0, 0, 0, "b0", steps=5),
    ]
    assert [one.key for one in in_order(tasks)] == ["b0", "a0", "a1"]


@given(experiments(), st.integers(1, 4), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_every_pool_performs_each_task_once_and_none_before_what_it_waits_for(tasks, workers, random):
    ordered, done, running, performed = in_order(tasks), set(), {}, []
    last = dict.fromkeys(range(workers))
    while True:
        for worker in range(workers):
            if worker not in running and (
                task := pick(ready(ordered, done, {t.place for t in running.values()}), last[worker])
            ):
                assert task.awaited is None or task.awaited in done
                running[worker] = task
                performed.append(task.place)
        assert len(running) <= most_at_once(ordered)
        if not running:
            break
        worker = random.choice(sorted(running))
        last[worker] = running.pop(worker)
        done.add(last[worker].place)
    assert sorted(performed) == sorted(one.place for one in tasks)


@given(experiments(), st.data())
def test_a_process_goes_on_with_the_stage_that_follows_then_with_its_kind(tasks, data):
    if not tasks:
        return
    last = data.draw(st.sampled_from(tasks))
    candidates = ready(in_order(tasks), {last.place}, ())
    chosen = pick(candidates, last)
    follows = [one for one in candidates if one.awaited == last.place]
    if follows:
        assert chosen == follows[0]
    elif candidates:
        assert chosen.turn == candidates[0].turn
        alike = [one for one in candidates if one.turn == chosen.turn and one.kind == last.kind]
        assert chosen == (alike[0] if alike else candidates[0])
    else:
        assert chosen is None


@given(st.sampled_from(PLAN.runs), st.booleans())
def test_a_task_waits_for_the_stage_that_it_starts_from_while_that_is_to_be_done(run, is_waiting):
    starts = run.starts.key if isinstance(run.starts, FromStage) else ""
    task = task_of(run, "a", 1, {starts, "other"} if is_waiting else {"other"}, "kind")
    assert (task.place, task.key, task.kind) == (("a", 1, run.fold, run.stage), run.key, "kind")
    assert task.steps == run.steps * run.settings.epochs
    before = ("a", 1, run.fold, run.stage - 1)
    assert task.awaited == (before if run.stage and is_waiting else None)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=4),
    st.integers(1, 4),
    st.integers(1, 2),
)
def test_as_many_tasks_fit_as_can_be_put_on_the_nodes_one_by_one(nodes, cores, gpus):
    left, found = [list(one) for one in nodes], 0
    needed = gpus if any(one[1] for one in nodes) else 0
    for node in left:
        while node[0] >= cores and node[1] >= needed:
            node[0], node[1], found = node[0] - cores, node[1] - needed, found + 1
    assert slots([{"CPU": cpu, "GPU": gpu} for cpu, gpu in nodes], cores, gpus) == found
