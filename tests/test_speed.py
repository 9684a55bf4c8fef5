"The fast ways give what the plain ones give"
import copy, json, re, subprocess, sys, matplotlib.pyplot as plt, pytest, torch
from conftest import ROOT
from hypothesis import given, settings, strategies as st
from torch import nn
from torchvision.models import resnet18

from mnist_fundamentals.book.bench import plot_waterfall
from mnist_fundamentals.book.race import ten_changes, ten_race
from mnist_fundamentals.linear_classifier import digit_tensors
from mnist_fundamentals.resnet import digit_image_dls
from mnist_fundamentals.speed import SkipZeros, needed_products, skip_zeros

def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)

def results(conv, x):
    "What a convolution gives, and the gradients by its parameters and by its input"
    x = x.clone().requires_grad_()
    y = conv(x)
    grads = torch.autograd.grad(y, [x, *conv.parameters()], random(*y.shape, seed=1))
    return [y.detach(), *grads]

def assert_equal(conv, x):
    "Is a convolution, changed over, still the same function with the same numbers?"
    quick = skip_zeros(copy.deepcopy(conv))
    assert type(quick) is SkipZeros and type(conv) is nn.Conv2d
    state, expected = quick.state_dict(), conv.state_dict()
    assert list(state) == list(expected) and all(torch.equal(state[k], expected[k]) for k in state)
    for got, want in zip(results(quick, x), results(conv, x), strict=True):
        assert got.shape == want.shape and torch.allclose(got, want, rtol=1e-10, atol=1e-10)

def convolutions():
    "Every convolution of resnet18 with the size of the map that it gets from a 28 by 28 picture"
    found, net = {}, resnet18().eval()
    def note(conv, args, _):
        key = conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, *args[0].shape[2:]
        found[key] = found.get(key, 0) + 1
    for module in net.modules():
        if isinstance(module, nn.Conv2d): module.register_forward_hook(note)
    with torch.no_grad(): net(torch.zeros(1, 3, 28, 28))
    assert sum(found.values()) == 20
    return list(found)

@pytest.mark.parametrize('shape', convolutions(), ids=lambda s: '-'.join(map(str, s)).replace(', ', ','))
@pytest.mark.parametrize('layout', [torch.contiguous_format, torch.channels_last])
def test_skip_zeros_on_every_convolution_of_resnet18(shape, layout):
    *arguments, height, width = shape
    conv = nn.Conv2d(*arguments, bias=False).double().to(memory_format=layout)
    assert_equal(conv, random(3, shape[0], height, width).to(memory_format=layout))

pair = lambda low, high: st.tuples(*[st.integers(low, high)]*2)

@settings(max_examples=64, deadline=None)
@given(n=st.integers(1, 3), channels=pair(1, 3), size=pair(1, 6), kernel=pair(1, 7), stride=pair(1, 3),
       padding=pair(0, 6), dilation=pair(1, 2), groups=st.integers(1, 2), bias=st.booleans(),
       mode=st.sampled_from(['zeros', 'zeros', 'zeros', 'replicate']))
def test_skip_zeros_on_any_convolution(n, channels, size, kernel, stride, padding, dilation, groups, bias, mode):
    reach = [d*(k - 1) + 1 for d, k in zip(dilation, kernel)]
    padding = [max(p, -(-(r - s)//2)) for p, r, s in zip(padding, reach, size)]   # else there is no output
    cin, cout = (c*groups for c in channels)
    conv = nn.Conv2d(cin, cout, kernel, stride, padding, dilation, groups, bias, mode).double()
    assert_equal(conv, random(n, cin, *size))

@settings(max_examples=64, deadline=None)
@given(size=pair(1, 4), room=pair(0, 3), padding=pair(0, 4), stride=pair(1, 3), bias=st.booleans())
def test_skip_zeros_where_each_window_covers_the_map(size, room, padding, stride, bias):
    kernel = [n + p + more for n, p, more in zip(size, padding, room)]
    padding = [max(p, -(-(k - n)//2)) for p, k, n in zip(padding, kernel, size)]
    kernel = [max(k, n + p) for k, n, p in zip(kernel, size, padding)]
    conv = nn.Conv2d(2, 3, kernel, stride, padding, bias=bias).double()
    assert SkipZeros(2, 3, kernel, stride, padding)._covers(*size)
    assert_equal(conv, random(2, 2, *size))

@pytest.mark.parametrize('kernel,padding,size,covers', [
    (3, 1, (1, 1), True), (3, 1, (2, 2), True), (3, 1, (3, 3), False), (3, 1, (1, 3), False),
    (3, 0, (3, 3), True), (1, 0, (1, 1), True), (1, 0, (2, 2), False), (7, 3, (4, 4), True), (3, 'same', (1, 1), False)])
def test_skip_zeros_knows_where_it_pays(kernel, padding, size, covers):
    assert SkipZeros(1, 1, kernel, padding=padding)._covers(*size) == covers

@pytest.mark.parametrize('shape', [(2, 1, 1), (1, 3, 1, 1), (1, 2, 0, 1)])
def test_skip_zeros_refuses_what_a_convolution_refuses_and_takes_what_it_takes(shape):
    conv, x = nn.Conv2d(2, 3, 3, padding=1), torch.zeros(shape)
    quick = skip_zeros(copy.deepcopy(conv))
    if shape == (2, 1, 1): return torch.testing.assert_close(quick(x), conv(x))   # one picture, no batch
    for layer in conv, quick:
        with pytest.raises(RuntimeError): layer(x)

def test_skip_zeros_changes_convolutions_only():
    net = skip_zeros(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv1d(1, 1, 3), nn.ConvTranspose2d(1, 1, 3)))
    assert [type(m) for m in net] == [SkipZeros, nn.Conv1d, nn.ConvTranspose2d]

def by_tap(height, width, kernel, stride, padding):
    "Products of a convolution of one channel, counted place by place and tap by tap"
    places = [(n + 2*p - k)//s + 1 for n, k, s, p in zip((height, width), kernel, stride, padding)]
    met = [sum(0 <= o*s - p + t < n for o in range(places[i]) for t in range(kernel[i]))
           for i, (n, s, p) in enumerate(zip((height, width), stride, padding))]
    return met[0]*met[1]

@settings(max_examples=40, deadline=None)
@given(size=pair(3, 9), kernel=pair(1, 3), stride=pair(1, 3), padding=pair(0, 2))
def test_needed_products_counts_what_meets_a_pixel(size, kernel, stride, padding):
    conv = nn.Conv2d(2, 5, kernel, stride, padding)
    assert needed_products(conv, torch.zeros(3, 2, *size)) == [3*2*5*by_tap(*size, kernel, stride, padding)]

def test_needed_products_are_those_of_skip_zeros_where_it_pays():
    from torch.utils.flop_counter import FlopCounterMode
    for conv, size in [(nn.Conv2d(8, 4, 3, 1, 1), 2), (nn.Conv2d(8, 4, 3, 2, 1), 2), (nn.Conv2d(8, 4, 3, 1, 1), 1)]:
        x = torch.zeros(2, 8, size, size)
        with FlopCounterMode(display=False) as counter: skip_zeros(conv)(x)
        assert needed_products(conv, x) == [counter.get_total_flops()//2]

def test_pictures_are_divided_bit_for_bit():
    from mnist_fundamentals.data import load_digits
    for split in 'train', 'valid':
        pixels = load_digits(split)[0].float()/255
        assert torch.equal(digit_tensors(split, device='cpu')[0], pixels.view(-1, 784))
        dls = digit_image_dls(device='cpu')
        assert torch.equal(dls[split == 'valid'].dataset.tensors[0], pixels[:, None])

# the benchmark

def bench(*args):
    done = subprocess.run([sys.executable, ROOT/'benchmarks'/'run.py', *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout

@pytest.mark.slow
def test_benchmark_runs_and_goes_on_where_it_stopped(tmp_path):
    out = tmp_path/'bench.json'
    args = '--rounds', '1', '--out', str(out), '--resume', '--stages'
    assert bench(*args, 'data').count('round 1: data') == 3
    runs = {way: taken[0] for way, taken in json.loads(out.read_text())['stages']['data'].items()}
    assert len({run['digest'] for run in runs.values()}) == 1       # the same pixels by all three ways
    assert all(run['seconds'] > 0 and 50 < run['memory'] < 10_000 for run in runs.values())
    printed = bench(*args, 'data,start_up,profile')
    assert 'round 1: data' not in printed
    for stage in 'start_up', 'profile': assert printed.count(f'round 1: {stage}') == 1

def test_a_stage_that_was_measured_on_another_machine_says_so(tmp_path, monkeypatch):
    "And the stages that were there stay as they were, with their machine"
    monkeypatch.syspath_prepend(str(ROOT/'benchmarks'))
    import run
    out, data = tmp_path/'bench.json', dict(original=[dict(seconds=2.)], ours=[dict(seconds=1.)])
    out.write_text(json.dumps(dict(machine=dict(cpu='another'), stages=dict(data=data))))
    monkeypatch.setattr(run, 'measure', lambda way, stage: dict(way=way, stage=stage))
    monkeypatch.setattr(sys, 'argv', ['run.py', '--resume', '--rounds', '2', '--stages', 'predict', '--out', str(out)])
    run.main()
    results = json.loads(out.read_text())
    assert results['machine'] == dict(cpu='another') and results['stages']['data'] == data
    assert results['stages']['predict'] == dict(ours=[dict(way='ours', stage='predict')]*2)
    assert results['elsewhere'] == dict(predict=run.machine())

def test_the_race_to_99_counts_who_came_there():
    runs = lambda *pairs: [dict(seconds=s, accuracy=a, memory=9.) for s, a in pairs]
    stages = dict(ten_digits=dict(official=runs((100., .991), (140., .9899), (120., .99)), ours=runs((6., .991), (5., .9901))),
                  ten_digits_bfloat16=dict(ours=[dict(memory=9.)]))       # a processor without
    race = ten_race(dict(stages=stages))
    assert race.loc['official'].tolist() == [120., 3, 2, 1.] and race.loc['ours'].tolist() == [5.5, 2, 2, 120/5.5]
    assert list(race.index) == ['official', 'ours']

def test_changes_of_the_small_net_are_drawn_with_its_own_limit():
    run = dict({'the official example': 50., 'bfloat16': 5.}, accuracies={'the official example': .98, 'bfloat16': .99}, memory=9.)
    results = dict(stages=dict(ten_changes=dict(ours=[run]), ten_limit=dict(ours=[dict(epoch=3.)])))
    assert ten_changes(results).values.tolist() == [[50., 9800], [5., 9900]]
    assert 'limit: 3.0 s' in plot_waterfall(results, stage='ten_changes', limit='ten_limit').get_legend_handles_labels()[1]
    plt.close('all')

def test_the_command_answers_soon():
    "The least of a few, since another program can only make it slower"
    code = 'import time, subprocess, sys; t = time.perf_counter(); subprocess.run([sys.executable, *sys.argv[1:]]); print(time.perf_counter() - t)'
    def least(*args):
        runs = [subprocess.run([sys.executable, '-c', code, *args], capture_output=True, text=True) for _ in range(5)]
        return min(float(run.stdout.split()[-1]) for run in runs)
    assert least('-m', 'mnist_fundamentals.cli', '--help') < least('-c', 'pass') + .3

def test_committed_benchmark_names_no_machine_path():
    text = (ROOT/'mnist_fundamentals'/'bench.json').read_text()
    assert not re.search(r'/(home|root|Users|work|tmp)/', text)
