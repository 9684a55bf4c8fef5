"The drawing app in a browser: what a hand draws is what the models get, and what they say is shown"
import pytest, torch
from browser import browser_tests, free_port, launch, new_page, screenshot, served, wait_until
from mnist_fundamentals.book.models import book_models
from mnist_fundamentals.book.pad import from_text, to_text
from mnist_fundamentals.book.predict import in_words as words, predict
from mnist_fundamentals.draw import broken, rasterise, stroke_digit, to_mnist

pytestmark = browser_tests

@pytest.fixture(scope='module')
def app(tmp_path_factory):
    "A page with the app, served by the command"
    url = f'http://127.0.0.1:{(port := free_port())}/'
    log = tmp_path_factory.mktemp('voila')/'log'
    command = ['-m', 'mnist_fundamentals.cli', 'draw', '--port', str(port), '--no-browser']
    with served(f'{url}voila/static/favicon.ico', *command, log=log), launch() as browser:
        page = new_page(browser, has_touch=True)
        page.goto(url, wait_until='commit')
        page.locator('.digit-pad canvas').wait_for(timeout=200_000)
        yield page

def said(page): return page.locator('.explorer-says').inner_text()

def press(page, name):
    "Press a button, and wait until something else is said"
    before = said(page)
    page.get_by_role('button', name=name, exact=True).click()
    wait_until(lambda: said(page) != before)

def places(page, stroke):
    "Points of the 28 by 28 page as places in the window"
    box = page.locator('.digit-pad canvas').bounding_box()
    return [(box['x'] + x*box['width']/28, box['y'] + y*box['height']/28) for x, y in stroke.tolist()]

def by_mouse(page, stroke):
    first, *rest = places(page, stroke)
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest: page.mouse.move(*place, steps=4)
    page.mouse.up()

def by_finger(page, stroke):
    session = page.context.new_cdp_session(page)
    def touch(kind, *points):
        session.send('Input.dispatchTouchEvent', dict(type=kind, touchPoints=[dict(x=x, y=y) for x, y in points]))
    first, *rest = places(page, stroke)
    touch('touchStart', first)
    for place in rest: touch('touchMove', place)
    touch('touchEnd')

def pixels(page):
    "What the canvas shows, as the models get it: float [28,28], 0..1"
    grey = page.locator('.digit-pad canvas').evaluate(
        'c => Array.from(c.getContext("2d").getImageData(0, 0, 28, 28).data)')
    return 1 - torch.tensor(grey[::4]).view(28, 28)/255

@pytest.fixture(scope='module')
def models(): return book_models()

def in_words(models, image):
    "What the app must say about a picture"
    return ' · '.join(f'{name}: {words(*predict(model, image))}' for name, model in models.items())

@pytest.mark.parametrize('hand', [by_mouse, by_finger])
@pytest.mark.parametrize('digit', [3, 7])
def test_what_is_drawn_is_read(app, models, digit, hand):
    press(app, 'clear')
    assert pixels(app).max() == 0 and 'blank' in said(app)
    [stroke] = stroke_digit(digit, 12, .1, (9., 18.))         # small, low and to the left
    hand(app, stroke)
    wait_until(lambda: 'blank' not in said(app))
    assert (pixels(app) - rasterise([stroke])).abs().mean() < .03
    assert said(app) == in_words(models, to_mnist(pixels(app)))
    assert said(app).count(f': {digit}') == len(models)
    screenshot(app, f'app-{digit}-{hand.__name__}', full_page=True)
    assert app.errors == []

def test_a_7_drawn_with_the_keys(app, models):
    press(app, 'clear')
    canvas = app.locator('.digit-pad canvas')
    canvas.focus()
    def keys(name, times=1):
        for _ in range(times): canvas.press(name)
    keys('ArrowLeft', 6)
    keys('ArrowUp', 8)
    keys(' ')
    keys('ArrowRight', 12)
    for _ in range(8): keys('ArrowDown', 2), keys('ArrowLeft')
    assert 'blank' in said(app)                               # nothing is sent before the pen is up
    keys(' ')
    wait_until(lambda: 'blank' not in said(app))
    assert said(app) == in_words(models, to_mnist(pixels(app)))
    assert said(app).count(': 7') == len(models)
    screenshot(app, 'app-keys')

def test_the_switches_break_what_they_say(app, models):
    press(app, 'clear')
    press(app, 'a small 7')
    drawing = from_text(to_text(rasterise(stroke_digit(7, 10, centre=(21., 21.)), 1.5)))
    assert said(app) == in_words(models, to_mnist(drawing))
    def set_to(label, image, **change):
        box = app.get_by_label(label)
        box.press(' ')
        expected = in_words({name: broken(m, **change) for name, m in models.items()}, image)
        wait_until(lambda: said(app) == expected)
        box.press(' ')
        wait_until(lambda: said(app) == in_words(models, to_mnist(drawing)))
    set_to('centre and scale', drawing)
    set_to('swap the colours', 1 - to_mnist(drawing))
    screenshot(app, 'app-small-7')
    assert app.errors == []
