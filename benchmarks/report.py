"""What a benchmark counts, and how its result is shown"""
import os
from statistics import median
from time import perf_counter
import matplotlib.pyplot as plt
import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn
from mnist_fundamentals.data import COLOURS

def needed_products(
    model,  # its nn.Conv2d and nn.Linear layers are counted; norms and the like cost little
    x,      # what it takes: a batch
) -> list:  # how many products each layer needs for the batch, in the order of use
    "Products of the forward pass, without those with the zeros of the padding"
    counts = []
    def count(layer, args, out):
        if isinstance(layer, nn.Linear): return counts.append(out.numel()*layer.in_features)
        ones = [torch.ones(1, 1, *size) for size in (args[0].shape[2:], layer.kernel_size)]
        met = F.conv2d(*ones, stride=layer.stride, padding=layer.padding, dilation=layer.dilation)
        channels = layer.in_channels*layer.out_channels//layer.groups
        counts.append(len(out)*channels*int(met.sum()))
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    if not layers: raise ValueError('model has no nn.Conv2d and no nn.Linear: nothing to count')
    hooks = [layer.register_forward_hook(count) for layer in layers]
    try:
        with torch.no_grad(): model(x)
    finally:
        for hook in hooks: hook.remove()
    return counts

def _best(f, tries=7):
    "The shortest of a few runs, in seconds; one before that does not count"
    def seconds():
        start = perf_counter()
        f()
        return perf_counter() - start
    f()
    return min(seconds() for _ in range(tries))

def product_rate(
    n=2048,     # rows and columns of the matrices, 1 or more
) -> float:     # products a second; PyTorch's FLOPs are twice as many, as they count additions too
    "How fast is a float32 matrix product on the CPU?"
    if n < 1: raise ValueError(f'n must be 1 or more, got {n}')
    a, b = torch.rand(n, n), torch.rand(n, n)
    return n**3/_best(lambda: a@b)

def copy_rate(
    n=2**26,    # how many numbers, 1 or more; they should not fit into the processor's caches
) -> float:     # bytes a second, read and written
    "How fast are float32 numbers copied in memory?"
    if n < 1: raise ValueError(f'n must be 1 or more, got {n}')
    a, b = torch.rand(n), torch.zeros(n)
    return 2*4*n/_best(lambda: b.copy_(a), 3)

def time_by_operation(
    f,             # called once, without arguments
) -> pd.Series:    # share of the time, 0..1, under PyTorch's names; the largest comes first
    "Which of PyTorch's operations does the CPU spend its time on in `f()`?"
    os.environ.setdefault('KINETO_LOG_LEVEL', '99')   # else its first use prints a few lines
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile: f()
    times = pd.Series({e.key: e.self_cpu_time_total for e in profile.key_averages()}, dtype=float)
    return (times/times.sum()).sort_values(ascending=False)

def _values(results, stage, way, key='seconds'):
    if stage == 'simple_net_loop' and way != 'ours': stage = 'simple_net'  # one stage of theirs
    runs = results.get('stages', {}).get(stage, {}).get(way, [])
    return [run[key] for run in runs if key in run]

def compare_ways(
    results,        # what run.py writes
) -> pd.DataFrame:  # a row a stage: seconds, ratio original/ours, peak MiB and accuracy, by way
    "The well-known way, PyTorch's plain way and ours: medians over the rounds"
    rows = {}
    for stage in results.get('stages', {}):
        times = {way: _values(results, stage, way) for way in ('original', 'plain', 'ours')}
        if not (times['original'] and times['ours']): continue
        row = {way: median(values) for way, values in times.items() if values}
        row['ratio'] = row['original']/row['ours']
        ratios = [a/b for a, b in zip(times['original'], times['ours'])]
        row['low'], row['high'] = min(ratios), max(ratios)
        for key in 'memory', 'accuracy':
            for way in 'original', 'ours':
                values = _values(results, stage, way, key)
                row[f'{key}, {way}'] = median(values) if values else float('nan')
        rows[stage] = row
    if not rows: raise ValueError('results have no stage of the original and ours: run make bench')
    return pd.DataFrame.from_dict(rows, orient='index')

def plot_ways(
    results,    # what run.py writes
    ax=None,    # where to draw; a new figure when None
) -> plt.Axes:
    "Seconds of each stage by way, on a logarithmic axis; beside it how many times faster ours is"
    table = compare_ways(results)
    longest = table[[way for way in ('original', 'plain', 'ours') if way in table]].max(axis=1)
    if ax is None: ax = plt.subplots(figsize=(7.5, .45*len(table) + 1))[1]
    for shift, way, colour in zip((-.27, 0, .27), ('original', 'plain', 'ours'),
                                  (COLOURS[1], COLOURS[5], COLOURS[0])):
        if way not in table: continue
        ax.barh([i + shift for i in range(len(table))], table[way], .25, label=way, color=colour)
    for i, (seconds, ratio) in enumerate(zip(longest, table.ratio)):
        ax.text(seconds*1.1, i, f'{ratio:.1f} times' if ratio < 20 else f'{ratio:.0f} times')
    ax.set(xscale='log', xlabel='seconds', yticks=range(len(table)), yticklabels=table.index)
    ax.set_xlim(right=5*longest.max())
    ax.invert_yaxis()
    ax.grid(axis='y', visible=False)
    ax.legend(loc='upper left', bbox_to_anchor=(1, 1))
    return ax
