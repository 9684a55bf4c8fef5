"The recipes of the book are those that were chosen on the held-back pictures, and stand in their order there"
import inspect, sys
from statistics import mean
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT/'studies'))
import recipes, seeds
from mnist_fundamentals.data import load_digits
from mnist_fundamentals.learner import train_linear
from mnist_fundamentals.resnet import train_resnet18
from mnist_fundamentals.simple_net import train_simple_net
from mnist_fundamentals.ten_digits import train_digit_convnet, train_ten_linear, train_ten_simple_net

ROWS = recipes.read_rows()

def test_the_table_is_whole():
    found = {(r['model'], float(r['lr']), int(r['seed'])) for r in ROWS}
    assert found == {(model, lr, seed) for model, (rates, n, _) in recipes.GRID.items() for lr in rates for seed in range(n)}
    assert len(load_digits('held_back')[0]) == recipes.HELD and len(load_digits('held_back', range(10))[0]) == recipes.HELD_TEN
    assert all(int(r['of']) == recipes.held(r['model']) for r in ROWS)
    assert all(n >= 20 for _, n, _ in recipes.GRID.values())

@pytest.mark.parametrize('model, train', [('linear', train_linear), ('simple_net', train_simple_net), ('resnet18', train_resnet18),
                                          ('ten_linear', train_ten_linear), ('ten_simple_net', train_ten_simple_net),
                                          ('ten_convnet', train_digit_convnet)])
def test_a_model_is_trained_as_was_chosen(model, train):
    best, defaults = recipes.chosen(ROWS, model), inspect.signature(train).parameters
    rate = 'peak' if model == 'ten_convnet' else 'lr'
    assert (defaults[rate].default, defaults['epochs'].default) == (best['lr'], best['epochs'])

@pytest.mark.parametrize('ladder', [['linear', 'simple_net', 'resnet18'], ['ten_linear', 'ten_simple_net', 'ten_convnet']])
def test_no_rung_of_the_ladder_is_lower_than_the_one_before(ladder):
    means = [recipes.chosen(ROWS, model)['mean'] for model in ladder]
    assert means == sorted(means) and len(set(means)) == 3

def test_the_small_net_of_windows_knows_985_of_1000_after_an_epoch():
    best = recipes.chosen(ROWS, 'ten_convnet')
    assert best['epochs'] == 1 and best['seeds'] >= 20 and best['mean'] >= .985*recipes.HELD_TEN

def test_a_row_comes_out_again():
    "Another processor rounds otherwise: within three pictures"
    _, _, train = recipes.GRID['linear']
    row = {int(r['epochs']): int(r['right']) for r in ROWS if (r['model'], r['lr'], r['seed']) == ('linear', '3.0', '0')}
    assert all(abs(round(accuracy*recipes.HELD) - row[epochs]) <= 3 for epochs, accuracy in train(3., 0).items())

def test_a_learner_is_our_own_loop():
    "Fifty trainings by each: the same weights, so the same everything"
    by = lambda name: [{k: v for k, v in r.items() if k != 'experiment'} for r in seeds.read_rows() if r['experiment'] == name]
    assert by('linear') == by('linear_learner') and len(by('linear')) == 50

def right(model, lr, epochs):
    return [int(r['right']) for r in ROWS if (r['model'], float(r['lr']), int(r['epochs'])) == (model, lr, epochs)]

def test_what_the_chapters_say_of_the_table():
    "Chapter 5: at rate 30 it is worse again. Chapter 8: three of twenty are stuck at 10, and 40 more epochs gain less than a picture"
    highest = {lr: max(mean(right('linear', lr, epochs)) for epochs in (10, 20, 40, 80)) for lr in recipes.GRID['linear'][0]}
    assert len(highest) == 5 and max(highest) == 30 and highest[30.] < highest[10.] == max(highest.values())
    sevens = (load_digits('held_back')[1] == 7).sum().item()
    stuck = {recipes.HELD - sevens, sevens}        # everything is called a 3, or a 7
    assert [sum(n in stuck for n in right('simple_net', 10., epochs)) for epochs in (10, 80)] == [4, 3]
    assert 0 < mean(right('simple_net', 3., 80)) - mean(right('simple_net', 3., 40)) < 1
