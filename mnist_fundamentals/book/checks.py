"What is refused at the door, and the words in which: what was wrong, and what to do"
import math
from numbers import Real
import numpy as np
import torch
from torch import Tensor

def _fits(shape, pattern):
    "Does a shape such as [5,28,28] fit a pattern such as ['n','28','28'] or ['...','28','28']?"
    if pattern[0] == '...':
        pattern = pattern[1:]
        shape = shape[-len(pattern):]
    return len(shape) == len(pattern) and all(
        not p.isdigit() or int(p) == n for n, p in zip(shape, pattern))

def _check_values(x, name, finite, low, high):
    smallest, largest = (end.item() for end in x.detach().aminmax())   # both NaN if one number is
    if finite and not -math.inf < smallest <= largest < math.inf:
        raise ValueError(f'{name} holds NaN or infinite values')
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    if not low <= smallest <= largest <= high:
        raise ValueError(f'{name} must be in {low}..{high}, got {smallest:.4g}..{largest:.4g}')

def require(
    x,             # what was passed in
    name: str,     # what the caller calls it
    shape=None,    # such as '[n,28,28]' (n is any length) or '[...,28,28]' (any axes before)
    floats=False,  # must it be floating-point, and finite?
    low=None,      # smallest allowed value
    high=None,     # largest allowed value
) -> Tensor:       # x
    "Return `x` if it is such a tensor, else raise an error that says what it is instead"
    if not isinstance(x, Tensor):
        raise TypeError(f'{name} must be a torch tensor, got {type(x).__name__}')
    got, want = list(x.shape), shape and shape.strip('[]').split(',')
    if want and not _fits(got, want):
        batched = want[0] != '...' and len(got) == len(want) - 1
        hint = '; add a batch axis with x[None]' if batched else ''
        raise ValueError(f'{name} must be {shape}, got {got}{hint}')
    if x.numel() == 0: raise ValueError(f'{name} is empty, shape {got}')
    if floats and not x.is_floating_point():
        raise TypeError(f'{name} must be floating-point, got {x.dtype}; convert with x.float()')
    looks = floats or low is not None or high is not None
    if looks and not x.is_meta: _check_values(x, name, floats, low, high)   # meta: no values
    return x

def require_one_shape(**tensors):   # two or more tensors, each under the name to use in the error
    "Raise an error that names the shapes, unless all are the same"
    shapes = {name: list(t.shape) for name, t in tensors.items()}
    if len(set(map(tuple, shapes.values()))) > 1:
        named = ' and '.join(f'{name} {shape}' for name, shape in shapes.items())
        raise ValueError(f'{named} must have one shape')

def require_scores(scores, targets):   # float [n,1]; 1 or 0, [n,1]
    "Scores and the targets that they are compared with: one shape, finite, targets 0 or 1"
    require(scores, 'scores', floats=True)
    require_one_shape(scores=scores, targets=targets)
    if not targets.is_meta and not (targets*targets).equal(targets):   # only 0 and 1 are their squares
        raise ValueError('targets must be 0 or 1')

def require_rows(xb, n):   # what a linear model of n weights is given
    "Pictures as rows, [b,n]"
    if xb.ndim != 2 or xb.shape[1] != n:
        raise ValueError(f'xb must be [n,{n}], got {list(xb.shape)}; '
                         f'lay pictures out as rows with x.view(-1, {n})')

def require_number(**numbers):   # such as power=n
    "Each must be one of Python's or NumPy's real numbers"
    for name, n in numbers.items():
        if not isinstance(n, Real):
            hint = '; take its number with .item()' if isinstance(n, Tensor) else ''
            raise TypeError(f'{name} must be a plain number, such as 2.0, got {type(n).__name__}{hint}')

def require_positive(**numbers):   # such as lr=lr
    "Each must be above 0"
    for name, n in numbers.items():
        if not n > 0: raise ValueError(f'{name} must be above 0, got {n}')

def require_at_least(least, **numbers):   # such as 1, epochs=epochs
    "None may be smaller than `least`"
    for name, n in numbers.items():
        if not n >= least: raise ValueError(f'{name} must be {least} or more, got {n}')

def require_fading(**numbers):   # such as momentum=momentum
    "Each must be 0 or more and below 1"
    for name, n in numbers.items():
        if not 0 <= n < 1: raise ValueError(f'{name} must be 0 or more and below 1, got {n}')

def require_index(n, **numbers):   # such as 30, hidden=hidden
    "Each must be one of the n numbers from 0 on"
    for name, i in numbers.items():
        if not 0 <= i < n: raise ValueError(f'{name} must be 0 to {n-1}, got {i}')

def require_params(params):   # what a descent is to change
    "A tensor with gradients"
    if not (isinstance(params, Tensor) and params.requires_grad):
        raise ValueError('params must be a tensor with gradients: call params.requires_grad_()')

def require_three(params):   # a, b and c
    "Three numbers, the coefficients of a quadratic"
    if len(params) != 3: raise ValueError(f'params must be three numbers, got {len(params)}')

def require_finite(loss, lr, when=''):   # when: such as ' after 7 steps'
    "A loss that is still a number"
    if not loss.isfinite(): raise ValueError(f'the loss is {loss.item()}{when}; lower lr, now {lr}')

def require_digits(digits) -> list:   # digits as a list
    "One or more different whole numbers from 0 to 9"
    if isinstance(digits, int):
        raise TypeError(f'digits must be a tuple such as ({digits},), got {digits}')
    digits = list(digits)
    if not digits: raise ValueError('digits is empty: name at least one digit, such as (3,)')
    wrong = [d for d in digits if d not in range(10)]
    if wrong: raise ValueError(f'digits must be whole numbers from 0 to 9, got {wrong[0]!r}')
    if len(set(digits)) < len(digits): raise ValueError(f'digits must be different, got {digits}')
    return [int(d) for d in digits]

def require_pictures(images, titles=None, ncols=1) -> list:   # the pictures, each [h,w], on the CPU
    "One or more pictures, [n,h,w] or a list of [h,w], a title for each or none, and columns for them"
    require_at_least(1, ncols=ncols)
    if len(images) == 0: raise ValueError('images is empty: there is nothing to draw')
    if titles is not None and len(titles) != len(images):
        raise ValueError(f'titles must be as many as images: {len(titles)} for {len(images)}')
    pictures = [torch.as_tensor(image).detach().cpu() for image in images]
    for picture in pictures:
        if picture.ndim != 2:
            raise ValueError(f'images must be [n,h,w], got {[len(images), *picture.shape]}')
    return pictures

def require_pair(**pictures):   # two, each float [...,28,28], under the name to use in the error
    "Two pictures or piles of pictures that can be subtracted"
    for name, picture in pictures.items(): require(picture, name, '[...,28,28]', floats=True)
    (a, x), (b, y) = pictures.items()
    try: np.broadcast_shapes(x.shape, y.shape)   # torch's own loads half a second of other modules first
    except ValueError:
        raise ValueError(f'{a} {list(x.shape)} and {b} {list(y.shape)} do not pair up: '
                         'one must be a single image, or both equally many') from None

def require_classes(scores, targets):   # [n,k]; int64 [n]
    "Scores a row, and for each row the place of the right one, 0 to k-1 (on a GPU that is left to PyTorch)"
    require(scores, 'scores', '[n,k]', floats=True)
    if require(targets, 'targets', '[n]').dtype != torch.int64:
        raise TypeError(f'targets must be int64, got {targets.dtype}; convert with targets.long()')
    if len(scores) != len(targets):
        raise ValueError(f'scores {list(scores.shape)} and targets {list(targets.shape)} must be equally long')
    if targets.is_cpu and not 0 <= targets.min() <= targets.max() < scores.shape[1]:
        raise ValueError(f'targets must be 0 to {scores.shape[1] - 1}, got {targets.min()} to {targets.max()}')
