"The drawing app in a browser: what a hand draws is what the models get, and what they say is shown"
import re, sys
import pytest, torch
from browser import (browser_tests, free_port, launch, new_page, screenshot, served, wait_until)
from mnist_fundamentals.draw import (book_models, from_text, opinion, rasterise, stroke_digit, to_mnist)

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

def said(page): return page.locator('.widget-label').filter(has_text=re.compile('simple_net|blank')).first.inner_text()

def press(page, name):
    "Press a button, and give what is said afterwards"
    before = said(page)
    page.get_by_role('button', name=name, exact=True).click()
    return wait_until(lambda: said(page) != before and said(page))

def draw(page, strokes):
    "Draw with the mouse; points are in pixels of the 28 by 28 page"
    box = page.locator('.digit-pad canvas').bounding_box()
    place = lambda x, y: (box['x'] + x*box['width']/28, box['y'] + y*box['height']/28)
    for stroke in strokes:
        first, *rest = torch.as_tensor(stroke).tolist()
        page.mouse.move(*place(*first))
        page.mouse.down()
        for point in rest: page.mouse.move(*place(*point), steps=4)
        page.mouse.up()

def pixels(page):
    "What the canvas shows, as the models would get it"
    grey = page.locator('.digit-pad canvas').evaluate(
        'c => Array.from(c.getContext("2d").getImageData(0, 0, 28, 28).data)')
    return 1 - torch.tensor(grey[::4]).view(28, 28)/255

@pytest.fixture(scope='module')
def models(): return book_models()

def expected(models, image):
    "The digit that each model gives for a drawing"
    return {name: opinion(model, to_mnist(image)) for name, model in models.items()}

@pytest.mark.parametrize('digit', [3, 7])
def test_what_is_drawn_is_read(app, models, digit):
    press(app, 'clear')
    strokes = stroke_digit(digit, 12, .1, (9., 18.))         # small, low and to the left
    draw(app, strokes)
    text = wait_until(lambda: 'blank' not in said(app) and said(app))
    assert (pixels(app) - rasterise(strokes)).abs().mean() < .03
    for name, (says, sure) in expected(models, pixels(app)).items():
        assert says == digit
        assert (f'{name}: {digit}' if sure is None else f'{name}: {digit} ({min(sure, .999):.1%} sure)') in text
    screenshot(app, f'app-{digit}', full_page=True)
    assert app.errors == []
