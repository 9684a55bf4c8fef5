"Depth and convolution: the tables of studies/depth.py are whole, come out again, and say what chapter 9 says"
import sys
from statistics import mean, stdev
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT/'studies'))
import depth
from mnist_fundamentals.book.results import count_parameters
from mnist_fundamentals.book.studies import seed_study

CHOOSING, RESULTS = (depth.read_rows(file) for file in (depth.CHOOSING, depth.RESULTS))

def right(question, model, shift=0):
    "Right answers of the seeds"
    return [int(r[str(shift)]) for r in RESULTS if (r['question'], r['model']) == (question, model)]

def test_the_tables_are_whole():
    found = [(r['question'], r['model'], float(r['peak']), int(r['seed'])) for r in CHOOSING]
    assert len(found) == len(set(found)) and set(found) == {
        (q, net, peak, seed) for q in depth.QUESTIONS for net in depth.NETS for peak in depth.PEAKS for seed in depth.CHOOSING_SEEDS}
    found = [(r['question'], r['model'], int(r['seed'])) for r in RESULTS]
    wanted = {(q, net, seed) for q in depth.QUESTIONS for net, (_, n) in depth.NETS.items() for seed in range(n)}
    wanted |= {('3 or 7', name, seed) for name, (_, n) in depth.BOOK.items() for seed in range(n)}
    assert len(found) == len(set(found)) and set(found) == wanted
    assert all(n >= 10 for _, n in depth.NETS.values()) and all(n == 5 for name, (_, n) in depth.BOOK.items() if name != 'pixel_similarity')
    for rows, split in ((CHOOSING, 'held_back'), (RESULTS, 'valid')):
        sizes = {q: len(depth.pictures(split, q)[0]) for q in depth.QUESTIONS}
        assert all(int(r['of']) == sizes[r['question']] for r in rows)
    assert all((r['8'] != '') == (r['question'] == '3 or 7') for r in RESULTS)

@pytest.mark.parametrize('question', depth.QUESTIONS)
@pytest.mark.parametrize('net', depth.NETS)
def test_a_net_was_trained_at_the_peak_that_was_chosen_for_it(question, net):
    peak = depth.chosen(question, net)
    assert {float(r['peak']) for r in RESULTS if (r['question'], r['model']) == (question, net)} == {peak}
    assert min(depth.PEAKS) < peak < max(depth.PEAKS)      # the best one does not lie at the end of the row

def test_the_nets_are_equally_large():
    sizes = [count_parameters(make()) for make, _ in depth.NETS.values()]
    assert sizes == [23612, 23695, 23662, 23519, 23426] and max(sizes)/min(sizes) < 1.012

@pytest.mark.parametrize('net', ['1 hidden layer', '4 hidden layers'])
def test_a_row_comes_out_again(net):
    "Another processor rounds otherwise: within a few pictures"
    row = next(r for r in RESULTS if (r['question'], r['model'], r['seed']) == ('3 or 7', net, '0'))
    found = depth.counted(depth.train(net, '3 or 7', 'train', float(row['peak']), 0), '3 or 7')
    assert all(abs(found[str(k)] - int(row[str(k)])) <= (6 if k < 2 else 150) for k in depth.SHIFTS), (found, row)

def test_the_book_s_models_are_those_of_the_other_study():
    "Without a shift they get right what mnist_fundamentals/seeds.csv says"
    for name in ('linear', 'simple_net', 'resnet18'):
        assert right('3 or 7', name) == seed_study(name).right[:5].tolist()
    assert right('3 or 7', 'pixel_similarity') == [1939]

def test_what_chapter_9_says_of_depth():
    "Depth bought nothing; at the lowest peak it would have seemed to"
    wrong = {q: [of - mean(right(q, net)) for net in depth.NETS] for q, of in (('3 or 7', 2038), ('even or odd', 10_000))}
    assert [round(w) for w in wrong['even or odd'][:4]] == [311, 310, 319, 319]
    assert all(14.5 < w < 16 for w in wrong['3 or 7'][:3]) and round(wrong['3 or 7'][3]) == 17
    assert all(14 < stdev(right('even or odd', net)) < 19 for net in list(depth.NETS)[:4])
    held = lambda net: [mean(int(r['right']) for r in CHOOSING if (r['question'], r['model'], float(r['peak'])) == ('even or odd', net, peak))
                        for peak in depth.PEAKS]
    one, four = held('1 hidden layer'), held('4 hidden layers')
    assert four[0] - one[0] == 158 and max(four) - max(one) == -3

def test_what_chapter_9_says_of_convolution():
    "It pays, by far more than chance with even or odd"
    pairs = {q: [right(q, net) for net in ('3 hidden layers', '3 convolutions')] for q in depth.QUESTIONS}
    assert [round(2038 - mean(values)) for values in pairs['3 or 7']] == [16, 12]
    assert [round(10_000 - mean(values)) for values in pairs['even or odd']] == [319, 238]
    assert min(right('even or odd', '3 convolutions')) > max(max(right('even or odd', net)) for net in list(depth.NETS)[:4])

def test_what_chapter_9_says_of_shifts():
    "The linear models guess at six pixels, resnet18 falls later, the convolutions least where a shift is half of their strides' product"
    share = lambda name, shift: mean(right('3 or 7', name, shift))/2038
    assert abs(share('linear', 6) - .5) < .04 and abs(share('simple_net', 6) - .5) < .04
    assert share('resnet18', 2) > .99 and share('resnet18', 4) > .95 and share('resnet18', 8) < .7
    assert max(right('3 or 7', 'resnet18', 8)) - min(right('3 or 7', 'resnet18', 8)) > 500      # it depends on the seed
    convolutions = [share('3 convolutions', k) for k in depth.SHIFTS]
    assert min(convolutions) == convolutions[4] > .97 and convolutions[8] > .985
    assert share('3 hidden layers', 8) < .7
