"What chapter 5 says of standardised pixels is what the study's table says"
import sys
from statistics import mean, stdev
from conftest import ROOT

sys.path.insert(0, str(ROOT/'studies'))
import standardize

ROWS = standardize.read_rows()

def test_the_table_is_whole():
    found = [(r['model'], r['pixels'], float(r['lr']), int(r['seed']), int(r['epochs'])) for r in ROWS]
    wanted = {(model, pixels, lr, seed, epochs) for model, ways in standardize.RATES.items() for pixels, lrs in ways.items()
              for lr in lrs for seed in range(standardize.SEEDS) for epochs in standardize.EPOCHS}
    assert set(found) == wanted and len(found) == len(wanted) and standardize.SEEDS >= 10

def test_a_row_comes_out_again(monkeypatch):
    "Another processor rounds otherwise: within three pictures"
    monkeypatch.setattr(standardize, 'EPOCHS', (1, 10))
    row = {int(r['epochs']): int(r['right']) for r in ROWS
           if (r['model'], r['pixels'], r['lr'], r['seed']) == ('linear', 'centred', '3.0', '0')}
    again = standardize.train('linear', 'centred', 0, [3.])
    assert all(abs(right - row[epochs]) <= 3 for (_, epochs), right in again.items()) and len(again) == 2

def test_the_best_rate_is_not_at_the_end_of_its_row():
    best = {key[:2]: lr for key, (lr, _) in standardize.summary(ROWS).items() if key[2] == 40}
    for (model, pixels), lr in best.items():
        lrs = standardize.RATES[model][pixels]
        assert lrs[0] < lr < lrs[-1], (model, pixels, lr)

def test_it_helps_the_net_and_not_the_linear_model():
    right = {key: (mean(right), stdev(right)) for key, (_, right) in standardize.summary(ROWS).items()}
    ways = ('centred', 'one scale', 'each its own')
    for epochs in (10, 40):
        for way in ways: assert abs(right['linear', way, epochs][0] - right['linear', 'divided by 255', epochs][0]) < 3
    as_it_is, spread = right['simple_net', 'divided by 255', 40]
    for way in ways: assert right['simple_net', way, 40][0] > as_it_is + 5
    best = max(ways, key=lambda way: right['simple_net', way, 40][0])
    assert best == 'centred' and right['simple_net', 'centred', 40][0] > as_it_is + 2*spread
    assert right['simple_net', 'centred', 10][0] > as_it_is
