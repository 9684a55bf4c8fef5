"Exercises of the appendix on speed"
import math
import torch
import torch.nn.functional as F
from . import Exercise

# 2 and 5: convolutions, 3 by 3 with padding 1

def products(size, channels_in, channels_out): return (3*size - 2)**2*channels_in*channels_out

def matrix(kernel, h, w, frame=(1, 1, 1, 1), **how):
    "A row for each place of the window, a column for each pixel"
    single = torch.eye(h*w).view(-1, 1, h, w)       # one map for each pixel, with a 1 at that pixel
    return F.conv2d(F.pad(single, frame, **how), kernel[None, None]).flatten(1).T

# 3 and 4: a clock that goes on only where somebody works, so that a benchmark gives the same everywhere

class Clock:
    now = 0.
    def __call__(self): return self.now

class Work:
    "A function that takes the times listed, one call after the other, and then the last again and again"
    def __init__(self, clock, *times): self.clock, self.times = clock, list(times)
    def __call__(self): self.clock.now += self.times.pop(0) if len(self.times) > 1 else self.times[0]

def bench_cases():
    for n, *times in (3, 9., 4., 3., 2., 1.), (1, 5., 2., 8.), (2, 7., 3., 4., 1.):
        clock = Clock()
        yield Work(clock, *times), clock, n

def best(f, clock, n, warm_up=True, restart=True, of=min):
    if warm_up: f()
    times, start = [], clock()
    for run in range(n):
        if restart: start = clock()
        f()
        times.append(clock() - start)
    return of(times)

class Launch:
    "A function that leaves its work in a queue and returns nearly at once"
    def __init__(self, clock, seconds, ready): self.clock, self.seconds, self.ready = clock, seconds, ready
    def __call__(self):
        self.clock.now += .001
        self.ready = max(self.ready, self.clock.now) + self.seconds

class Wait:
    "Wait until the queue is empty"
    def __init__(self, launch): self.launch = launch
    def __call__(self): self.launch.clock.now = max(self.launch.clock.now, self.launch.ready)

def launch_cases():
    for seconds, left_over in (2., 0.), (1., 3.), (.5, .25):
        launch = Launch(Clock(), seconds, left_over)
        yield launch, Wait(launch), launch.clock

def seconds(f, wait, clock, first=lambda f, wait: wait(), then=lambda f, wait: wait()):
    first(f, wait)
    start = clock()
    f()
    then(f, wait)
    return clock() - start

def nothing(f, wait): ...

# 6: a price for each batch and one for each picture

def epoch(small, large, n, size, batches=math.ceil, fixed=lambda batches, n: batches,
          pictures=lambda batches, n, size: n):
    (size1, seconds1), (size2, seconds2) = small, large
    price = (seconds2 - seconds1)/(size2 - size1)
    steps = batches(n/size)
    return fixed(steps, n)*(seconds1 - price*size1) + pictures(steps, n, size)*price

EXERCISES = {
    '1': Exercise(lambda share, times: 1/(1 - share + share/times), {
        'the part gains that much, but the rest is as slow as before': lambda share, times: times,
        'speeds cannot be averaged in this way; add up the times': lambda share, times: 1 - share + share*times,
        'that is the time that is left, as a share of the old one': lambda share, times: 1 - share + share/times,
        'that is the gain if the *rest* were made faster': lambda share, times: 1/(share + (1 - share)/times)},
        cases=lambda: [(.75, 3), (.25, 2), (.9, 1e9)],
        remark="That is *Amdahl's law*: what you leave alone sets the limit, even if your part takes no time at all."),
    '2': Exercise(products, {
        'that counts the products with zero, too': lambda size, a, b: 9*size**2*a*b,
        'places at the edge are left out; their windows meet some pixels': lambda size, a, b: 9*max(size - 2, 0)**2*a*b,
        'that is for one channel of input': lambda size, a, b: products(size, 1, b),
        'that is along one side of the map only': lambda size, a, b: (3*size - 2)*a*b},
        cases=lambda: [(7, 64, 32), (2, 3, 8), (1, 5, 4)],
        remark='For a large map it comes close to nine a pixel.'),
    '3': Exercise(best, {
        'the first call is among the times': lambda *args: best(*args, warm_up=False),
        'the clock is read once before all runs: the second run is said to have taken both, and so on':
            lambda *args: best(*args, restart=False),
        'that is the time of all runs together': lambda *args: best(*args, of=sum),
        'that is the mean, in which every disturbance counts':
            lambda *args: best(*args, of=lambda times: sum(times)/len(times)),
        'that is the longest': lambda *args: best(*args, of=max)},
        cases=lambda: list(bench_cases()), remark="`min(repeat(f, number=1, repeat=n))` does it, but for the warm-up."),
    '4': Exercise(seconds, {
        'the clock is still read when the work has been started, not when it is done':
            lambda *args: seconds(*args, then=nothing),
        'what was in the queue before is counted, too': lambda *args: seconds(*args, first=nothing),
        'nobody waited for the warm-up, so its work is counted, too':
            lambda *args: seconds(*args, first=lambda f, wait: [wait(), f()])},
        cases=lambda: list(launch_cases()), remark='With PyTorch on a GPU, `torch.cuda.synchronize` is the `wait`.'),
    '5': Exercise(matrix, {
        'a row belongs to a place of the window, a column to a pixel; you have it the other way round':
            lambda kernel, h, w: matrix(kernel, h, w).T,
        'rows and columns of the kernel are exchanged': lambda kernel, h, w: matrix(kernel.T, h, w),
        'the first window begins outside: its middle, not its corner, lies on the first pixel':
            lambda kernel, h, w: matrix(kernel, h, w, (0, 2, 0, 2)),
        'what leaves the map on one side comes in on the other; outside there are zeros':
            lambda kernel, h, w: matrix(kernel, h, w, mode='circular')},
        cases=lambda: [(torch.arange(9.).view(3, 3), 1, 2), (torch.randn(3, 3), 3, 2), (torch.randn(3, 3), 4, 4)],
        remark='Its transpose takes the gradient back, and is the matrix of the kernel turned upside down.'),
    '6': Exercise(epoch, {
        'that is in proportion to the pictures, as if a batch had no price of its own':
            lambda small, large, n, size: n*small[1]/small[0],
        'the last, short batch is a batch, too': lambda *args: epoch(*args, batches=int),
        'where the division comes out even there is no short batch':
            lambda *args: epoch(*args, batches=lambda exact: int(exact) + 1),
        'the price of a batch is paid once for the whole epoch': lambda *args: epoch(*args, fixed=lambda batches, n: 1),
        'every picture pays the price of a batch': lambda *args: epoch(*args, fixed=lambda batches, n: n),
        'the last batch is short: it has fewer pictures to pay for':
            lambda *args: epoch(*args, pictures=lambda batches, n, size: batches*size)},
        cases=lambda: [((16, .05), (128, .106), 12396, 512), ((1, 2.), (3, 3.), 10, 4), ((2, 4.), (6, 7.), 8, 4)],
        remark='Two measurements fix two prices; a third one would say whether the model holds.'),
}
