"The check at the end of an exercise"
import torch

def check(
    answer,     # yours: a number, tensor, array or list; `...` or None while there is none
    expected,   # what it should be
    wrong=(),   # typical wrong answers: pairs of (value, what it means)
    tol=1e-4,   # how far a number may be off
) -> str:       # 'Correct', or what is off
    "Compare an exercise's answer with what it should be"
    def same(a, b):
        a, b = (torch.as_tensor(t).detach().cpu().double() for t in (a, b))
        return a.shape == b.shape and torch.allclose(a, b, rtol=0, atol=tol)
    if answer is ... or answer is None: return 'Not answered yet: replace the dots'
    if same(answer, expected): return 'Correct'
    for value, remark in wrong:
        if same(answer, value): return f'Not yet: {remark}'
    got, want = list(torch.as_tensor(answer).shape), list(torch.as_tensor(expected).shape)
    if got != want: return f'Not yet: the shape is {got} and should be {want}'
    return 'Not yet: the shape is right, the numbers are not'
