"What chapter 12 promises of every drawing, and of the file that resnet18 is loaded from"
import pytest, torch
from hypothesis import assume, given, settings, strategies as st
from mnist_fundamentals.book import models
from mnist_fundamentals.book.app import digit_app
from mnist_fundamentals.book.models import book_models, saved_resnet18
from mnist_fundamentals.book.pad import from_text, to_text
from mnist_fundamentals.book.predict import in_words, predict
from mnist_fundamentals.draw import rasterise, stroke_digit, to_mnist
from mnist_fundamentals.resnet import digit_resnet18

drawings = st.builds(lambda digit, height, slant, pen: rasterise(stroke_digit(digit, height, slant), pen),
                     st.sampled_from([3, 7]), st.floats(8, 16), st.floats(-.4, .4), st.floats(1, 4))

@settings(deadline=None, max_examples=50)
@given(drawings, st.integers(-5, 5), st.integers(-5, 5), st.floats(.1, 255))
def test_place_and_strength_of_a_drawing_do_not_matter(image, down, right, strength):
    for axis, shift in (1, down), (0, right):
        ink = torch.nonzero(image.amax(axis))
        assume(ink.min() + shift >= 0 and ink.max() + shift < 28)    # it stays on the page
    prepared = to_mnist(image)
    assert torch.equal(to_mnist(image.roll((down, right), (0, 1))), prepared)
    assert torch.allclose(to_mnist(image*strength), prepared, atol=1e-4)

@settings(deadline=None, max_examples=50)
@given(drawings, st.integers(2, 6))
def test_size_of_a_drawing_hardly_matters(image, times):
    "The same but for grey edges, and for a pixel where the centre lies between two"
    large = to_mnist(image.repeat_interleave(times, 0).repeat_interleave(times, 1))
    moved = [large.roll((down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    assert min((page - to_mnist(image)).abs().mean() for page in moved) < .05

@settings(deadline=None, max_examples=50)
@given(drawings)
def test_a_prepared_drawing_is_20_pixels_long_and_in_the_middle(image):
    page = to_mnist(image)
    extent = [len(torch.nonzero(page.amax(axis))) for axis in (0, 1)]
    assert max(extent) == 20 and page.max() == 1 and page.min() >= 0
    for axis in (0, 1):
        assert abs((page.sum(axis)@torch.arange(28.)/page.sum()).item() - 14) <= .5 + 1e-4

@settings(deadline=None, max_examples=50)
@given(drawings)
def test_text_keeps_every_byte(image):
    text = to_text(image)
    assert to_text(from_text(text)) == text and len(text) == 1048

def test_a_dot_is_as_large_as_the_pen():
    for pen in (2, 4, 8):
        assert abs(rasterise([torch.tensor([[14., 14.]])], pen).sum() - 3.1416*pen**2/4) < 1

@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(models, 'resnet18_file', lambda: tmp_path/'resnet18.pt')
    return tmp_path/'resnet18.pt'

def test_no_resnet18_without_a_file(file): assert saved_resnet18() == {}

def test_resnet18_is_read_from_numbers_alone(file, capsys):
    torch.manual_seed(0)
    net = digit_resnet18().eval()
    models.keep(net, file)
    [(name, model)] = saved_resnet18().items()
    image = to_mnist(rasterise(stroke_digit(3)))
    with torch.no_grad(): p = net(image[None, None]).softmax(1)[0]
    digit, sure = predict(model, image)
    assert name == 'resnet18' and digit == (3, 7)[p.argmax()] and abs(sure - p.max().item()) < 1e-5
    app = digit_app(book_models() | saved_resnet18())
    app.sliders['bias'].value, app.sliders['hidden'].value = False, 29
    said = in_words(*predict(model, to_mnist(app.sliders['pad'].image)))
    assert f'resnet18: {said}' in app.readout.value

def test_a_file_of_something_else_is_left_aside_and_named(file, capsys):
    "A whole object, which would have to be unpickled; numbers alone; another net; one number changed; half a file"
    net = digit_resnet18()
    changed = dict(numbers=net.state_dict(), digest=models.digest(net.state_dict()))
    changed['numbers'] = {name: t.clone() for name, t in changed['numbers'].items()}
    changed['numbers']['fc.bias'][0] += 1e-6
    for content in (net, net.state_dict(), changed):
        torch.save(content, file)
        assert saved_resnet18() == {} and str(file) in capsys.readouterr().err
    models.keep(digit_resnet18(10), file)
    assert saved_resnet18() == {} and str(file) in capsys.readouterr().err
    file.write_bytes(file.read_bytes()[:1000])
    assert saved_resnet18() == {} and str(file) in capsys.readouterr().err
