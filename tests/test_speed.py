"The fast ways give what the plain ones give"
import copy, pytest, torch
from hypothesis import given, settings, strategies as st
from torch import nn
from torchvision.models import resnet18

from mnist_fundamentals.resnet import SkipZeros, skip_zeros

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
