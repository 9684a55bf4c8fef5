"The race to 99% of ten digits: PyTorch's official example and our small net, as `make bench` measured it"
from statistics import median
import pandas as pd
from torch import nn
from .bench import bench_changes, bench_median, bench_values

def official_net() -> nn.Module:   # float [b,1,28,28] to logarithms of shares, float [b,10]
    "The network of PyTorch's official MNIST example, written anew"
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Dropout(.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(.5),
                         nn.Linear(128, 10), nn.LogSoftmax(1))

def ten_changes(results) -> pd.DataFrame:   # a row a change
    "From PyTorch's official example to our small net: seconds of an epoch, right answers of 10,000 after it; medians"
    seconds = bench_changes(results, 'ten_changes')
    runs = [run['accuracies'] for run in results['stages']['ten_changes']['ours']]
    right = {name: round(1e4*median(run[name] for run in runs)) for name in seconds}
    return pd.DataFrame(dict(seconds=seconds, right=right))

def ten_race(results) -> pd.DataFrame:   # a row a way
    "To 0.990 of the 10,000: the median of seconds, runs, how many of them came there, the official way's seconds over these"
    ways = {'official': ('ten_digits', 'official'), 'ours': ('ten_digits', 'ours'),
            'ours, bfloat16': ('ten_digits_bfloat16', 'ours')}
    rows = {}
    for name, way in ways.items():
        reached = bench_values(results, *way, 'accuracy')
        if reached: rows[name] = [bench_median(results, *way), len(reached), sum(a >= .99 for a in reached)]
    if 'official' not in rows: raise ValueError('results have no stage ten_digits: run make bench')
    table = pd.DataFrame.from_dict(rows, orient='index', columns=['seconds', 'runs', 'reached'])
    return table.assign(times=table.seconds['official']/table.seconds)
