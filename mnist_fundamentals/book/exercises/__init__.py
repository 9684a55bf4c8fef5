"""The exercises: what a right answer is, what typical mistakes give, and `check`, which compares

Each chapter has a module here with a dict `EXERCISES`, number to `Exercise`. An expected answer and
the typical mistakes are functions: what they give is computed by doing it, right or wrong."""
import copy, random, warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Callable
import numpy as np, torch
from .compare import MISSING, Unreadable, describe, difference, is_stub, outcome_of, same

@dataclass(frozen=True)
class Exercise:
    "What an answer is judged by"
    expected: Callable             # gives the right answer; with `cases` it is the right function
    mistakes: dict[str, Callable]  # remark: gives that mistake's answer; with `cases` it is the wrong function
    cases: Callable = None         # gives the tuples of arguments with which the answer, a function, is called
    judge: Callable = None         # judge(answer) gives what is off, or None: instead of a comparison
    tol: float = 1e-4              # how far a number may be off
    remark: str = ''               # said after 'Correct'

def modules():
    "The names of the chapters that have exercises, such as '05' and 'speed'"
    folder = util.find_spec(__name__).submodule_search_locations[0]
    return sorted(p.stem.removeprefix('chapter_') for p in Path(folder).glob('chapter_*.py'))

def exercises(chapter):
    "The exercises of a chapter: full name, such as '05.2', to Exercise"
    found = import_module(f'.chapter_{chapter}', __name__).EXERCISES
    return {f'{chapter}.{number}': exercise for number, exercise in found.items()}

def find(name) -> Exercise:
    "The exercise of that name; a LookupError that says which there are"
    chapter = name.partition('.')[0] if isinstance(name, str) else ''
    if chapter not in modules(): raise LookupError(f"there is no exercise {name!r}; names look like '{modules()[0]}.1'")
    there = exercises(chapter)
    if name not in there: raise LookupError(f"there is no exercise {name!r}; this chapter has {', '.join(there)}")
    return there[name]

def right_answer(name):
    "An answer that `check` calls correct"
    exercise = find(name)
    return exercise.expected if exercise.cases else exercise.expected()

def wrong_answers(name):
    "Remark to the answer that this typical mistake gives"
    exercise = find(name)
    return {remark: wrong if exercise.cases else wrong() for remark, wrong in exercise.mistakes.items()}

def judge_value(exercise, answer):
    "What is off in a number, tensor, list or text; None if nothing is"
    expected = exercise.expected()
    if same(answer, expected, exercise.tol): return None
    for remark, wrong in exercise.mistakes.items():
        if same(answer, wrong(), exercise.tol): return remark
    return difference(answer, expected, exercise.tol)

def judge_function(exercise, answer):
    "What is off in a function, from what it gives for the cases; None if nothing is"
    if not callable(answer): return f'this is {describe(answer)}; what is asked for is a function: give its name, without brackets'
    cases = exercise.cases()
    def outcomes(function): return [outcome_of(function, *copy.deepcopy(args)) for args in cases]
    def agree(a, b): return all(x.raised == y.raised and (x.raised or same(x.value, y.value, exercise.tol)) for x, y in zip(a, b))
    got, expected = outcomes(answer), outcomes(exercise.expected)
    if agree(got, expected): return None
    for remark, wrong in exercise.mistakes.items():
        if agree(got, outcomes(wrong)): return remark
    for args, ours, theirs in zip(cases, expected, got):
        where = f'called with {", ".join(map(describe, args))}'
        if theirs.raised and not ours.raised: return f'{where}, your function raises {theirs.raised}: {theirs.value}'
        if ours.raised and not theirs.raised: return f'{where}, it should refuse with {ours.raised}'
        if theirs.value is None and ours.value is not None: return f'{where}, your function returns nothing: is there a `return`?'
        if not ours.raised and not same(theirs.value, ours.value, exercise.tol):
            return f'{where}: {difference(theirs.value, ours.value, exercise.tol)}'
    return 'it refuses what it should refuse, with another kind of exception'

@contextmanager
def own_chance():
    "Random numbers of its own: afterwards the reader's go on where they were"
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        torch.manual_seed(42)
        try: yield
        finally: random.setstate(states[0]), np.random.set_state(states[1])

def judge(name, answer):
    "What is off in an answer; None if it is right, MISSING if there is none yet"
    exercise = find(name)
    if answer is ... or answer is None or is_stub(answer): return MISSING
    how = exercise.judge or (lambda a: (judge_function if exercise.cases else judge_value)(exercise, a))
    with own_chance(), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try: return how(answer)
        except Unreadable as error: return str(error)
        except (Exception, SystemExit) as error:
            return f'{describe(answer)} could not be tried: {type(error).__name__}: {" ".join(str(error).split())[:200]}'

def check(
    name,    # of the exercise, such as '05.2'
    answer,  # yours, whatever it is; `...` while there is none
) -> str:    # 'Correct', 'Not answered yet', or what is off
    "Judge an exercise's answer, in words, without giving the answer away"
    try: off = judge(name, answer)
    except LookupError as error: return f'Not found: {error.args[0]}'
    if off is None: return ' '.join(['Correct.', find(name).remark]).strip()
    return off if off is MISSING else f'Not yet: {off}'
