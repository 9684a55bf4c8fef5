"""What a wrong argument is answered with: the right exception, and a text that says what to do.

One table for the whole book: (call, exception, what the text must contain). A new function adds rows;
`test_every_function_has_a_row` says which public functions of MODULES have none.
"""
import inspect, re, numpy as np, pytest, torch
from PIL import Image

from mnist_fundamentals import data
from mnist_fundamentals.data import *

MODULES = [data]
TAKES_ANYTHING = {
    'use_book_style', 'damaged_arrays', 'sample_path',   # no arguments
    'Result',                                            # holds what it is given
}

zeros, ones = torch.zeros(2, 28, 28), torch.ones(2, 28, 28)
nan = torch.full((2, 28, 28), float('nan'))
missing, text, cut, tall = 'missing.png', 'text.png', 'cut.png', 'tall.png'   # files: see `folder`

TABLE = [
    # data
    (lambda: show_images([]), ValueError, 'empty'),
    (lambda: show_images(zeros[0]), ValueError, r'\[n,h,w\]'),
    (lambda: show_images(zeros[None]), ValueError, r'\[n,h,w\]'),
    (lambda: show_images(zeros, ['one title']), ValueError, 'as many as images: 1 for 2'),
    (lambda: load_digits('test'), ValueError, "'train' or 'valid'"),
    (lambda: load_digits(None), ValueError, "'train' or 'valid'"),
    (lambda: load_digits(digits=3), TypeError, r'such as \(3,\)'),
    (lambda: load_digits(digits=()), ValueError, r'at least one digit, such as \(3,\)'),
    (lambda: load_digits(digits=(3, 10)), ValueError, 'from 0 to 9, got 10'),
    (lambda: load_digits(digits=(-1,)), ValueError, 'from 0 to 9, got -1'),
    (lambda: load_digits(digits=(2.5,)), ValueError, 'whole numbers from 0 to 9, got 2.5'),
    (lambda: load_digits(digits=(float('nan'),)), ValueError, 'whole numbers from 0 to 9, got nan'),
    (lambda: load_digits(digits='37'), ValueError, "whole numbers from 0 to 9, got '3'"),
    (lambda: load_digits(digits=(3, 3)), ValueError, 'must be different'),
    (lambda: mnist_sample(text), FileExistsError, 'text.png is a file; name a new or an empty folder'),
    (lambda: mnist_sample('.'), FileExistsError, 'holds other files; name a new or an empty folder'),
    (lambda: pixel_table(zeros), ValueError, r'\[h,w\], got \[2, 28, 28\]; take one with images\[0\]'),
    (lambda: pixel_table(zeros[0, :0]), ValueError, 'empty: the slice selects no pixel'),
    (lambda: require([1.], 'x'), TypeError, 'x must be a torch tensor, got list'),
    (lambda: require(np.zeros(3), 'x'), TypeError, 'x must be a torch tensor, got ndarray'),
    (lambda: require(zeros[0], 'images', '[n,28,28]'), ValueError,
     r'images must be \[n,28,28\], got \[28, 28\]; add a batch axis with x\[None\]'),
    (lambda: require(zeros[..., 1:], 'x', '[...,28,28]'), ValueError, r'x must be \[...,28,28\], got \[2, 28, 27\]'),
    (lambda: require(zeros[:0], 'x', '[n,28,28]'), ValueError, 'x is empty'),
    (lambda: require(zeros.byte(), 'x', floats=True), TypeError, r'convert with x.float\(\)'),
    (lambda: require(nan, 'x', floats=True), ValueError, 'x holds NaN or infinite values'),
    (lambda: require(ones/0, 'x', floats=True), ValueError, 'x holds NaN or infinite values'),
    (lambda: require(ones*255, 'x', low=0, high=1), ValueError, r'x must be in 0\.\.1, got 255\.\.255'),
    (lambda: require(-ones, 'x', low=0), ValueError, 'x must be .*0.*, got -1'),
    (lambda: image_tensor(missing), FileNotFoundError, 'missing.png'),
    (lambda: image_tensor(text), ValueError, 'text.png is not an image file'),
    (lambda: image_tensor(cut), (OSError, ValueError), 'cut.png'),
    (lambda: image_tensor('.'), OSError, r'\.'),
    (lambda: stack_images([]), ValueError, 'paths is empty'),
    (lambda: stack_images([tall]), ValueError, r'tall.png must be \[28,28\], got \[29, 28\]'),
    (lambda: stack_images([missing]), FileNotFoundError, 'missing.png'),
    (lambda: stack_images([text]), ValueError, 'text.png is not an image file'),
    (lambda: set_seed(-1), ValueError, r'between 0 and 2\*\*32 - 1'),
    (lambda: set_seed(2**32), ValueError, r'between 0 and 2\*\*32 - 1'),
    (lambda: set_seed('one'), TypeError, 'int'),
    (lambda: device_called('gpu'), RuntimeError, 'cpu, cuda'),
    (lambda: count_parameters(zeros), AttributeError, "'parameters'"),
    (lambda: check([[1], [1, 2]], 3), ValueError, 'expected sequence of length 1'),
]

def device_called(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MNIST_FUNDAMENTALS_DEVICE', name)
        return default_device()

def source(call): return inspect.getsource(call).strip()

@pytest.fixture
def folder(tmp_path, monkeypatch):
    "A folder to be in, with a few files that are not as they should be"
    monkeypatch.chdir(tmp_path)
    (tmp_path/text).write_text('not an image')
    Image.effect_noise((28, 28), 50).save(cut)
    (tmp_path/cut).write_bytes((tmp_path/cut).read_bytes()[:-200])
    Image.new('L', (28, 29)).save(tall)

@pytest.mark.parametrize('row', TABLE, ids=lambda row: re.sub(r'\W+', ' ', source(row[0])[8:60]))
def test_error_says_what_to_do(folder, row):
    call, exception, words = row
    with pytest.raises(exception, match=words): call()

def test_every_function_has_a_row():
    functions = {n for m in MODULES for n in m.__all__ if callable(getattr(m, n)) and not isinstance(getattr(m, n), list)}
    used = {n for call, *_ in TABLE for n in (*call.__code__.co_names, *device_called.__code__.co_names)}
    assert sorted(functions - used - TAKES_ANYTHING) == []
