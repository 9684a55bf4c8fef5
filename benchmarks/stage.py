"What the three ways share: one stage in one process, its result printed as a line of JSON"
import hashlib, json, sys
from time import perf_counter

def timed(f, *args, **kwargs):
    "What `f` returns, and its seconds"
    start = perf_counter()
    value = f(*args, **kwargs)
    return value, perf_counter() - start

def digest(*tensors):
    "Are two loads of the pictures the same, number for number?"
    return hashlib.sha256(b''.join(t.contiguous().numpy().tobytes() for t in tensors)).hexdigest()[:16]

def tensors():
    "The same tensors for the stages that do not time the reading"
    from mnist_fundamentals.linear_classifier import digit_tensors
    return *digit_tensors('train', device='cpu'), *digit_tensors('valid', device='cpu')

def main(stages):
    name, *args = sys.argv[1:]
    print('\n' + json.dumps(stages[name](*args)))
