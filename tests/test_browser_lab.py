"""Every notebook in JupyterLab: it opens, all cells run, nothing goes wrong; and every slider of every
explorer, moved by keyboard, changes the picture and says what the plain function gives; the app reads all digits"""
import json, re, shutil
from functools import partial
import numpy as np, pytest, torch
from browser import (browser_tests, by_mouse, free_port, launch, new_page, said, screenshot, served,
                     wait_until)
from conftest import CHAPTERS, ROOT
from mnist_fundamentals.all import *
from mnist_fundamentals.book.explorers.borders import rings_net
from mnist_fundamentals.book.explorers.digits import weights_film

pytestmark = browser_tests

SETTINGS = {   # off-screen cells are on the page too, and nobody asks for news
    'notebook-extension/tracker': dict(windowingMode='none'),
    'apputils-extension/notification': dict(fetchNews='false', checkForUpdates=False)}
FLAGS = ['--no-browser', '--allow-root', '--ip=127.0.0.1', '--ServerApp.port_retries=0',
         '--IdentityProvider.token=', '--ServerApp.password=', '--LabApp.expose_app_in_browser=True']
NOTEBOOKS = [*CHAPTERS, *sorted(set((ROOT/'nbs').glob('*.ipynb')) - set(CHAPTERS))]

@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    "A browser, and the address of a JupyterLab on copies of the notebooks"
    folder = tmp_path_factory.mktemp('lab')
    shutil.copytree(ROOT/'nbs', folder/'nbs')
    for name, value in SETTINGS.items():
        file = folder/'settings'/'@jupyterlab'/f'{name}.jupyterlab-settings'
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(value))
    env = dict(JUPYTERLAB_SETTINGS_DIR=str(folder/'settings'), JUPYTER_CONFIG_DIR=str(folder/'config'),
               JUPYTERLAB_WORKSPACES_DIR=str(folder/'work'), JUPYTER_RUNTIME_DIR=str(folder/'run'))
    url = f'http://127.0.0.1:{(port := free_port())}'
    command = ['-m', 'jupyterlab', *FLAGS, f'--port={port}', f'--ServerApp.root_dir={folder/"nbs"}']
    with served(f'{url}/api', *command, log=folder/'log', **env), launch() as browser: yield browser, url

IDLE = "document.querySelector('#jp-main-statusbar')?.innerText.includes('| Idle')"
CONNECTED = ("window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
             "?.connectionStatus === 'connected'")

def run_notebook(browser, url, name):
    "Open a notebook, run all of it, and return the page"
    page = new_page(browser)
    page.goto(f'{url}/lab/tree/{name}?reset')
    page.wait_for_selector('.jp-NotebookPanel .jp-Notebook .jp-Cell', timeout=120_000)
    for ready in IDLE, CONNECTED: page.wait_for_function(ready, timeout=120_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
    page.wait_for_function(IDLE, timeout=600_000)
    return page

# What each explorer must say for the values that its controls show

np.random.seed(42)
x = torch.linspace(-2, 2, steps=20)[:, None]
y = add_noise(mk_quad(3, 2, 1)(x), mult=0.15, add=1.5)

def says_mae(a, b, c): return f'MAE: {quad_mae([a, b, c], x, y):.2f}'

def says_descent(steps, lr):
    params, loss = torch.full([3], 1.1, requires_grad=True), partial(quad_mae, x=x, y=y)
    gradient_descent(params, loss, lr, int(steps))
    return f'MAE after {steps:.0f} steps: {loss(params):.2f}'

def says_bend(m, b): return f'bend at x = {-b/m:.2f}'

def says_bends(m1, b1, m2, b2): return f'bends at x = {-b1/m1:.2f} and {-b2/m2:.2f}'

def says_error(k):
    xs = torch.linspace(-2, 2, 401).double()[:, None]
    error = (fit_relus(lambda x: torch.sin(3*x), int(k))[0](xs) - torch.sin(3*xs)).abs().max()
    return f'{k:.0f} ReLUs: largest error {error:.2f}'

def says_loss(lr, time, steps):
    assert time == 'seconds'
    params = torch.tensor([-1.7438, .5342, -.5521], requires_grad=True)
    for done in range(int(steps) + 1):
        try: _, loss = apply_step(params, *roller_coaster(), lr)
        except ValueError: return f'exploded after {done} steps: lower the rate'
    return f'loss after {steps:.0f} steps: {loss:,.2f}'

def says_accuracy(start, batches):
    return f'after {batches:.0f} batches: accuracy {weights_film(0.01)[batches][1]:.4f}'

def says_border(hidden, start):
    return f'{hidden:.0f} hidden units, start {start:.0f}: {rings_net(int(hidden), int(start))[1]:.3f} of the new dots'

def says_mistakes(model, digit, order, page):
    wrong = round(2038*(1 - validate_epoch(train_simple_net(), digit_dls()[1])))
    return f'{model}: {wrong} wrong; page {page + 1:.0f} of {-(-wrong//12)}'

SAYS = {'02_quadratic': [says_mae, says_descent], '04_sgd': [says_loss], '05_linear_classifier': [says_accuracy],
        '07_relu': [says_bend, says_bends, says_error], '08_simple_net': [says_border, says_mistakes]}

PIXELS = """async image => Array.from(new Uint8Array(
    await (await fetch(image.src)).arrayBuffer())).reduce((h, v) => (31*h + v) % 1000000007, 7)"""

def number(text):
    try: return float(text.replace('−', '-'))
    except ValueError: return text

def values(explorer):
    "Name to value of an explorer's sliders and menus, as the page shows them"
    found = {}
    for slider in explorer.locator('.widget-hslider').all():
        found[slider.locator('.widget-label').inner_text()] = number(slider.locator('.widget-readout').inner_text())
    for menu in explorer.locator('.widget-dropdown').all():
        found[menu.locator('.widget-label').inner_text()] = menu.locator('select').evaluate(
            'select => select.selectedOptions[0].text')
    return found

def agree(said, expected):
    "Is it the same text, each number right but for rounding in its last digit?"
    pattern = r'\d+(?:\.\d+)?'
    pairs = zip(re.findall(pattern, said), re.findall(pattern, expected))
    step = lambda text: 10**-len(text.partition('.')[2]) if '.' in text else 0
    return re.sub(pattern, '#', said) == re.sub(pattern, '#', expected) and all(
        abs(float(a) - float(b)) <= 1.01*step(a) for a, b in pairs)

def check_explorer(explorer, says):
    "Move each slider one step to the right by keyboard; the picture and the text must follow"
    explorer.scroll_into_view_if_needed()
    image, shown = explorer.locator('img').first, explorer.locator('.explorer-says')
    handles = explorer.locator('.noUi-handle').all()
    assert handles
    for handle in handles:
        before, was = image.evaluate(PIXELS), values(explorer)
        handle.focus()
        handle.press('ArrowRight')
        wait_until(lambda: image.evaluate(PIXELS) != before)
        assert values(explorer) != was
        if says is None: continue
        expected = says(**values(explorer))
        try: wait_until(lambda: agree(shown.inner_text(), expected), 10)
        except AssertionError: assert shown.inner_text() == expected    # a message that shows both

def check_app(page):
    "Draw each digit with the mouse, and read what the app says of it"
    read = {}
    page.locator('.digit-app').scroll_into_view_if_needed()
    for digit in range(10):
        page.get_by_role('button', name='clear', exact=True).click()
        wait_until(lambda: 'blank' in said(page))
        by_mouse(page, stroke_digit(digit, 16., .1, (12., 15.)))
        wait_until(lambda: said(page)[0] == str(digit))
        read[digit] = said(page)
        screenshot(page, f'lab-digit-{digit}')
    print(read)

@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_and_its_explorers_move(lab, path):
    page = run_notebook(*lab, path.name)
    try:
        assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts() == []
        explorers = page.locator('.explorer')
        says = SAYS.get(path.stem, [])
        assert explorers.count() == len(says)
        for explorer, function in zip(explorers.all(), says): check_explorer(explorer, function)
        if path.stem == '12_draw': check_app(page)
        screenshot(page, f'lab-{path.stem}')
        assert page.errors == []
    finally: page.close()
