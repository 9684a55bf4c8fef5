"""What a wrong argument is answered with: the right exception, and a text that says what to do.

One table for the whole book: (call, exception, what the text must contain). A new function adds rows;
`test_every_function_has_a_row` says which public functions of MODULES have none.
"""
import inspect, re, numpy as np, pytest, torch
from PIL import Image

from mnist_fundamentals import (backward, data, draw, learner, linear_classifier, pixel_similarity, quadratic, relu,
                                resnet, sgd, simple_net as net, speed)
from mnist_fundamentals.all import *
from mnist_fundamentals.book.bench import compare_ways, plot_waterfall, plot_ways
from mnist_fundamentals.book.race import ten_changes, ten_race
from mnist_fundamentals.book.checks import require_one_shape
from mnist_fundamentals.book.explorers.digits import weights_film
from mnist_fundamentals.book.pad import from_text, to_text
from mnist_fundamentals.book.predict import predict_file
from mnist_fundamentals.book.studies import seed_study, show_chance

MODULES = [data, pixel_similarity, quadratic, backward, sgd, linear_classifier, learner, relu, net, resnet, draw, speed]
TAKES_ANYTHING = {
    'set_seed', 'default_device',                               # PyTorch refuses; the variable is tested with the command
    'quad', 'mk_quad', 'rectified_linear', 'double_relu', 'relus',   # arithmetic on whatever they get
    'even_dls',                                                 # true or false
    'calc_grad', 'train_epoch',                                 # the loss function refuses
    'dense_net', 'conv_net', 'shift_right',                     # PyTorch's layers and F.pad refuse
    'time_by_operation', 'train_from_seed', 'linear_model',   # call what they are given, or functions that refuse
    'random_digit', 'known_directions', 'likeness', 'held_back', 'skip_zeros', 'SkipZeros', 'show_preds',                            # made of functions that refuse; any module
}

rows, column = torch.rand(4, 784), torch.tensor([[1.], [0.], [1.], [0.]])
points = torch.linspace(-1, 1, 5)
params = lambda: torch.ones(3, requires_grad=True)
linear = lambda: torch.nn.Linear(784, 1)
adam = lambda: torch.optim.Adam(linear().parameters())

zeros, ones = torch.zeros(2, 28, 28), torch.ones(2, 28, 28)
nan = torch.full((2, 28, 28), float('nan'))
missing, text, cut, tall = 'missing.png', 'text.png', 'cut.png', 'tall.png'   # files: see `folder`

TABLE = [
    # data
    (lambda: show_images([]), ValueError, 'empty'),
    (lambda: show_images(zeros[0]), ValueError, r'\[n,h,w\]'),
    (lambda: show_images(zeros[None]), ValueError, r'\[n,h,w\]'),
    (lambda: show_images(zeros, ['one title']), ValueError, 'as many as images: 1 for 2'),
    (lambda: load_digits('test'), ValueError, "'held_back' or 'valid'"),
    (lambda: load_digits(None), ValueError, "'held_back' or 'valid'"),
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
    (lambda: pixel_table(zeros), ValueError, r'image must be \[h,w\], got \[2, 28, 28\]'),
    (lambda: pixel_table(zeros[0, :0]), ValueError, 'image is empty'),
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
    (lambda: require(-ones, 'x', low=0), ValueError, r'x must be in 0\.\.inf, got -1'),
    (lambda: require_one_shape(a=zeros, b=zeros[0]), ValueError, r'a \[2, 28, 28\] and b \[28, 28\] must have one shape'),
    (lambda: image_tensor(missing), FileNotFoundError, 'missing.png'),
    (lambda: image_tensor(text), ValueError, 'text.png is not an image file'),
    (lambda: image_tensor(cut), ValueError, 'cut.png is not an image file'),
    (lambda: stack_images([]), ValueError, 'paths is empty'),
    (lambda: stack_images([tall]), ValueError, r'tall.png must be \[28,28\], got \[29, 28\]'),
    (lambda: stack_images([missing]), FileNotFoundError, 'missing.png'),
    (lambda: stack_images([text]), ValueError, 'text.png is not an image file'),
    # pixel_similarity
    (lambda: mean_digit(zeros[0]), ValueError, r'must be \[n,28,28\], got \[28, 28\]; add a batch axis'),
    (lambda: mean_digit(zeros[:0]), ValueError, 'empty'),
    (lambda: mean_digit(zeros.byte()), TypeError, r'x.float\(\)'),
    (lambda: mean_digit(nan), ValueError, 'NaN'),
    (lambda: mean_digit(ones*255), ValueError, r'0\.\.1'),
    (lambda: mnist_distance(zeros[..., 1:], zeros), ValueError, r'a must be \[...,28,28\]'),
    (lambda: mnist_distance(zeros, ones.byte()), TypeError, 'b must be floating-point'),
    (lambda: mnist_distance(zeros, torch.zeros(3, 28, 28)), ValueError, 'do not pair up'),
    (lambda: rms_distance(zeros, nan), ValueError, 'b holds NaN'),
    (lambda: rms_distance([1.], zeros), TypeError, 'a must be a torch tensor'),
    (lambda: is_3(ones*255, zeros[0], ones[0]), ValueError, r'x must be in 0\.\.1'),
    (lambda: is_3(zeros[:0], zeros[0], ones[0]), ValueError, 'x is empty'),
    (lambda: PixelSimilarity(zeros, ones[0]), ValueError, r'mean3 must be \[28,28\]'),
    (lambda: PixelSimilarity(zeros[0], nan[0]), ValueError, 'mean7 holds NaN'),
    # quadratic
    (lambda: plot_function(torch.sin, min=1, max=1), ValueError, 'min must be less than max'),
    (lambda: noise(points, -1), ValueError, 'scale must be 0 or more'),
    (lambda: add_noise(points.int(), 1, 1), TypeError, r'x.float\(\)'),
    (lambda: mae(points, points[:, None]), ValueError, r'preds \[5\] and targets \[5, 1\] must have one shape'),
    (lambda: quad_mae([1., 2.], points, points), ValueError, 'three numbers, got 2'),
    (lambda: quad_explorer(points, points[:, None]), ValueError, 'one shape'),
    (lambda: descent_explorer(points, points[:, None]), ValueError, 'one shape'),
    (lambda: gradient_descent(torch.ones(3), torch.sum, .1, 1), ValueError, 'requires_grad_'),
    (lambda: gradient_descent(params(), torch.sum, 0, 1), ValueError, 'lr must be above 0, got 0'),
    (lambda: gradient_descent(params(), torch.sum, .1, -1), ValueError, 'steps must be'),
    (lambda: gradient_descent(params(), lambda p: p.sum()/0, .1, 1), ValueError, 'lower lr'),
    (lambda: fit_relus(torch.sin, 0), ValueError, 'k must be 1 or more, got 0'),
    # backward
    (lambda: Value('a'), TypeError, 'number must be a plain number, such as 2.0, got str'),
    (lambda: Value(points[0]), TypeError, r'such as 2.0, got Tensor; take its number with .item\(\)'),
    (lambda: Value(2)*None, TypeError, 'such as 2.0, got NoneType'),
    (lambda: Value(2)**Value(2), TypeError, 'power must be a plain number, such as 2.0, got Value'),
    (lambda: Value(-2)**.5, TypeError, 'such as 2.0, got complex'),
    (lambda: draw_graph('a'), TypeError, 'such as 2.0, got str'),
    (lambda: draw_graph(sum(Value(1) for _ in range(40))), ValueError, 'a graph of 81 values is too large to draw; 60 fit'),
    # sgd
    (lambda: roller_coaster(2), ValueError, 'n must be 3 or more, got 2'),
    (lambda: speed_curve(points, [1., 2.]), ValueError, 'three numbers, got 2'),
    (lambda: mse(points, points[:, None]), ValueError, r'\[5\] and targets \[5, 1\] must have one shape'),
    (lambda: apply_step(torch.ones(3), points, points, .1), ValueError, 'requires_grad_'),
    (lambda: apply_step(params(), points, points, float('nan')), ValueError, 'lr must be above 0'),
    (lambda: apply_step(params(), points, points*float('nan'), .1), ValueError, 'the loss is nan'),
    (lambda: fit_curve(params(), points, points, .1, -1), ValueError, 'steps must be'),
    (lambda: standardize(torch.ones(5)), ValueError, 'different values'),
    (lambda: standardize(torch.arange(5)), TypeError, 'floating-point'),
    (lambda: standardize(points*float('nan')), ValueError, 'NaN'),
    (lambda: coaster_explorer(points, points[:3]), ValueError, 'one shape'),
    # linear_classifier
    (lambda: digit_tensors(digits=(3,)), ValueError, 'two or more digits'),
    (lambda: init_params(3, std=-1), ValueError, 'std must be 0 or more'),
    (lambda: linear1(zeros, torch.zeros(784, 1), 0), ValueError, r'xb must be \[n,784\].*view\(-1, 784\)'),
    (lambda: sigmoid(torch.arange(3)), TypeError, 'floating-point'),
    (lambda: seed_study('perceptron'), ValueError, 'must be one of .*large start, no sigmoid'),
    (lambda: show_chance({}), ValueError, 'results is empty'),
    (lambda: sigmoid(points[:0]), ValueError, 'empty'),
    (lambda: mnist_loss(column, column[:, 0]), ValueError, 'one shape'),
    (lambda: mnist_loss(column, column*7), ValueError, 'targets must be 0 or 1'),
    (lambda: mnist_loss(column/0, column), ValueError, 'scores holds NaN'),
    (lambda: batch_accuracy(column[:0], column[:0]), ValueError, 'empty'),
    (lambda: batch_accuracy(column.int(), column), TypeError, 'floating-point'),
    (lambda: tensor_loader(rows, column[:2]), ValueError, 'equally long, got 4 and 2'),
    (lambda: tensor_loader(rows, column, bs=0), ValueError, 'bs must be 1 or more'),
    (lambda: digit_dls(digits=(1,)), ValueError, 'two or more digits'),
    (lambda: validate_epoch(linear(), []), ValueError, 'dl is empty'),
    (lambda: BasicOptim([], 1.), ValueError, 'params is empty'),
    (lambda: BasicOptim(linear().parameters(), -1.), ValueError, 'lr must be above 0'),
    (lambda: Momentum(linear().parameters(), .1, 1.), ValueError, 'momentum must be 0 or more and below 1'),
    (lambda: Adam(linear().parameters(), betas=(.9, 1.)), ValueError, 'beta2 must be 0 or more and below 1'),
    (lambda: train_model(linear(), [], [], adam(), mnist_loss, 0), ValueError, 'epochs must be 1 or more'),
    (lambda: train_model(linear(), [(rows, column[:, 0])], [], adam(), mnist_loss, 1), ValueError, 'one shape'),
    (lambda: train_linear(epochs=0), ValueError, 'epochs must be 1 or more'),
    (lambda: train_linear(lr=0), ValueError, 'lr must be above 0'),
    (lambda: weights_film(std=-1), ValueError, 'std must be 0 or more'),
    # simple_net
    (lambda: simple_net(0), ValueError, 'hidden must be 1 or more'),
    (lambda: rings(0, seed=0), ValueError, 'n must be 1 or more'),
    (lambda: digit_learner(linear(), digit_dls(), lr=0), ValueError, 'lr must be above 0'),
    (lambda: plot_accuracy(digit_learner(linear(), digit_dls())), ValueError, 'learn.fit'),
    (lambda: show_weights(torch.nn.Linear(3, 1)), ValueError, '784'),
    (lambda: show_weights(torch.nn.ReLU()), ValueError, '784'),
    (lambda: train_simple_net(epochs=0), ValueError, 'epochs must be 1 or more'),
    (lambda: mistakes_explorer({}), ValueError, 'models is empty'),
    # resnet
    (lambda: digit_image_dls(digits=()), ValueError, 'at least one digit'),
    (lambda: digit_image_dls(bs=0), ValueError, 'bs must be 1 or more'),
    (lambda: digit_resnet18(1), ValueError, 'classes must be 2 or more'),
    (lambda: resnet18_learner(lr=0), ValueError, 'lr must be above 0'),
    (lambda: resnet18_learner(digits=(3,)), ValueError, 'two or more digits'),
    (lambda: train_resnet18(epochs=0), ValueError, 'epochs must be 1 or more'),
    (lambda: train_cycle(conv_net(2), [], .1, epochs=0), ValueError, 'epochs must be 1 or more'),
    (lambda: train_cycle(conv_net(2), [], 0.), ValueError, 'peak must be above 0'),
    (lambda: predict_file(linear(), missing), FileNotFoundError, 'missing.png'),
    (lambda: predict_file(linear(), text), ValueError, 'not an image file'),
    (lambda: predict_file(linear(), tall), ValueError, 'blank image'),
    # speed
    (lambda: needed_products(torch.nn.ReLU(), zeros), ValueError, 'nothing to count'),
    (lambda: product_rate(0), ValueError, 'n must be 1 or more, got 0'),
    (lambda: copy_rate(-1), ValueError, 'n must be 1 or more, got -1'),
    (lambda: compare_ways({}), ValueError, 'run make bench'),
    (lambda: plot_ways({}), ValueError, 'run make bench'),
    (lambda: plot_waterfall({}), ValueError, 'run make bench'),
    (lambda: ten_race({}), ValueError, 'run make bench'),
    (lambda: ten_changes({}), ValueError, 'run make bench'),
    # draw
    (lambda: rasterise([points]), ValueError, r'stroke must be \[n,2\], got \[5\]'),
    (lambda: rasterise([], thickness=0), ValueError, 'thickness must be above 0, got 0'),
    (lambda: stroke_digit(10), ValueError, 'digit must be 0 to 9, got 10'),
    (lambda: drawn_digits(digits=(3, 10)), ValueError, 'from 0 to 9, got 10'),
    (lambda: drawn_digits(0), ValueError, 'n must be 1 or more, got 0'),
    (lambda: calibration_error(ones[0, 0]*2, ones[0, 0] > 0), ValueError, r'sure must be in 0\.\.1'),
    (lambda: directions(linear(), zeros), TypeError, 'net must be an nn.Sequential'),
    (lambda: to_mnist(zeros), ValueError, r'image must be \[h,w\], got \[2, 28, 28\]'),
    (lambda: to_mnist(zeros[0]), ValueError, 'blank: there is no ink'),
    (lambda: way_through(linear(), zeros), ValueError, r'image must be \[28,28\]'),
    (lambda: way_through(torch.nn.ReLU(), zeros[0]), ValueError, 'no linear layer'),
    (lambda: broken(net.simple_net(5), hidden=5), ValueError, 'hidden must be 0 to 4, got 5'),
    (lambda: to_text(ones[0]*2), ValueError, r'image must be in 0\.\.1'),
    (lambda: from_text('AAAA'), ValueError, '784 pixels, got 3'),
]

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
    used = {n for call, *_ in TABLE for n in call.__code__.co_names}
    assert sorted(functions - used - TAKES_ANYTHING) == []
