"Reading whatever an answer is, comparing it with what it should be, and saying in words what is off"
from typing import NamedTuple
import numpy as np, torch
from torch import nn

MISSING = 'Not answered yet: replace the dots'

class Unreadable(Exception):
    "An answer that is not of the kind asked for; its text says what it is"

class Outcome(NamedTuple):
    "What a call gave: its value, or the kind of exception and its text"
    value: object
    raised: str = ''

def outcome_of(function, *args):
    "Call a reader's function; an exception is an outcome, too"
    try: return Outcome(function(*args))
    except (Exception, SystemExit) as error: return Outcome(' '.join(str(error).split())[:200], type(error).__name__)

def stub(): ...

class Stub: ...

def is_stub(answer):
    "Is this a function, or a class, whose body is still the dots?"
    if type(answer) is type: return vars(answer).keys() <= vars(Stub).keys()
    return type(answer) is type(stub) and answer.__code__.co_code == stub.__code__.co_code

def kind(a):
    "float32, int64, bool: how the numbers of an array are kept"
    return str(a.dtype).removeprefix('torch.')

def describe(a):
    "What an answer is, in a few words: 'a float32 tensor [2,3]', 'a text', 'the number 3'"
    try:
        if isinstance(a, str): return 'a text'
        if isinstance(a, (bool, np.bool_)): return f'{bool(a)}'
        if isinstance(a, (int, float, complex, np.number)): return f'the number {a}'[:60]
        if isinstance(a, torch.Tensor): return f'a {kind(a)} tensor {list(a.shape)}'
        if isinstance(a, np.ndarray): return f'a {kind(a)} array {list(a.shape)}'
        if isinstance(a, (list, tuple, set, frozenset, dict)): return f'a {type(a).__name__} of {len(a)}'
        if isinstance(a, type): return f'the class {a.__name__}'
        if isinstance(a, nn.Module): return f'a model, {type(a).__name__}'
        if callable(a): return 'a function'
        return f'an object of the class {type(a).__name__}'
    except Exception: return f'an object of the class {type(a).__name__}'

def numbers(a):
    "An answer as a tensor of float64; raises Unreadable"
    def no(text): raise Unreadable(f'this is {describe(a)}; {text}')
    if isinstance(a, str): no('give the number itself, without quotes')
    if isinstance(a, (set, frozenset, dict)): no('give a number, a tensor or a list')
    if isinstance(a, nn.Module) or isinstance(a, type): no('numbers are asked for')
    if callable(a) and not isinstance(a, torch.Tensor): no('call it, and give what comes out')
    if isinstance(a, (list, tuple)):
        parts = [numbers(x) for x in a]
        if len({p.shape for p in parts}) > 1: no('its parts have different shapes')
        return torch.stack(parts) if parts else torch.zeros(0, dtype=torch.float64)
    try:
        if isinstance(a, torch.Tensor): t = a.detach().to_dense().cpu() if a.is_sparse else a.detach().cpu()
        else: t = torch.as_tensor(a if isinstance(a, (int, float, complex, np.number)) else np.asarray(a))
        if t.is_meta: raise TypeError
        if t.is_complex(): no('complex numbers are not asked for')
        return t.double()
    except Unreadable: raise
    except Exception: no('it cannot be read as numbers')

def close(a, b, tol):
    "Are two float64 tensors of one shape equal within tol? A NaN is equal to a NaN"
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=tol, equal_nan=True)

def same(answer, expected, tol=1e-4):
    "Is an answer what it should be? Texts without regard to case; parts of a tuple one by one"
    if expected is None: return answer is None
    if isinstance(expected, str): return isinstance(answer, str) and answer.strip().casefold() == expected.casefold()
    if isinstance(expected, (set, frozenset)):
        return isinstance(answer, (set, frozenset, list, tuple)) and len(answer) == len(expected) and set(answer) == set(expected)
    if isinstance(expected, tuple) and isinstance(answer, (tuple, list)):
        return len(answer) == len(expected) and all(same(a, b, tol) for a, b in zip(answer, expected))
    try: return close(numbers(answer), numbers(expected), tol)
    except Unreadable: return False

def numbers_of(answer, given, *args):   # what the first argument is, in words, such as 'pictures [200,28,28]'
    "What a function gives, as `numbers`, if it has the shape of its first argument; else Unreadable"
    if not callable(answer): raise Unreadable(f'this is {describe(answer)}; a function is asked for')
    shape, out = args[0].shape, outcome_of(answer, *args)
    if out.raised: raise Unreadable(f'called with {given}, it raises {out.raised}: {out.value}')
    found = numbers(out.value)
    if found.shape != shape: raise Unreadable(f'for {given} it gives {describe(out.value)}')
    return found

def difference(answer, expected, tol=1e-4):
    "In words, how an answer differs from what it should be, and not what that is"
    if isinstance(expected, str):
        return 'another one is right' if isinstance(answer, str) else f'this is {describe(answer)}; a text in quotes is asked for'
    if isinstance(expected, (set, frozenset)): return f'this is {describe(answer)}; the members of the set are others'
    if isinstance(expected, tuple):
        if not isinstance(answer, (tuple, list)): return f'this is {describe(answer)}; {len(expected)} values are asked for, with commas between them'
        if len(answer) != len(expected): return f'there are {len(answer)} values, and {len(expected)} are asked for'
        place, a, b = next((i, a, b) for i, (a, b) in enumerate(zip(answer, expected), 1) if not same(a, b, tol))
        return f'value {place}: {difference(a, b, tol)}'
    a, b = numbers(answer), numbers(expected)
    shapes = f'the shape is {list(a.shape)} and should be {list(b.shape)}'
    if a.shape != b.shape:
        if a.dim() == 2 and close(a.T, b, tol): return f'rows and columns are exchanged: {shapes}'
        if a.numel() == b.numel() and close(a.flatten(), b.flatten(), tol): return f'the numbers are right, but {shapes}'
        return shapes
    if a.isnan().any() and not b.isnan().any(): return 'there is a NaN in it: has a 0 been divided by 0, or a root or log been taken of something negative?'
    if close(-a, b, tol): return 'the sign is the other way round'
    if b.numel() == 1: return 'the number is too large' if a.item() > b.item() else 'the number is too small'
    if close(a.flatten().sort().values, b.flatten().sort().values, tol): return 'the numbers are right, in another order'
    if close(a - a.mean(), b - b.mean(), tol): return 'every number is off by the same amount'
    if a.norm() > 0 and close(a*(b.norm()/a.norm()), b, tol): return 'every number is off by the same factor'
    right = (torch.isclose(a, b, rtol=1e-6, atol=tol)).sum().item()
    return f'the shape is right; of {b.numel():,} numbers {right:,} are'
