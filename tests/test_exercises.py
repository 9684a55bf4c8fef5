"Every exercise is a task, a cell to fill and a check that gives nothing away; solutions pass, typical mistakes get their remark"
import ast, re
from fractions import Fraction
import numpy as np, pytest, torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from conftest import CHAPTERS, read_cells
from mnist_fundamentals.book import exercises as kit
from mnist_fundamentals.book.exercises import check
from mnist_fundamentals.book.exercises.compare import MISSING, Unreadable, difference, numbers

def chapter_of(path):
    "'05' of 05_linear_classifier, 'speed' of appendix_speed"
    return path.stem[:2] if path.stem[0].isdigit() else path.stem.removeprefix('appendix_')

CELLS = {path: {c['id']: c for c in read_cells(path) if c['id'].startswith(('exercise', 'solution'))} for path in CHAPTERS}
NAMES = {chapter_of(path): list(kit.exercises(chapter_of(path))) for path in CHAPTERS}
ALL = [pytest.param(path, name, id=name) for path in CHAPTERS for name in NAMES[chapter_of(path)]]

def cell_of(path, name, kind=''):
    return CELLS[path][f'exercise-{name.partition(".")[2]}{kind}']

def solution(path, name):
    "The code of the solution, which stands folded at the end of the chapter"
    blocks = re.findall(r'```python\n(.*?)```', CELLS[path][f'solution-{name.partition(".")[2]}']['source'], re.S)
    assert len(blocks) == 1
    return blocks[0]

def namespace():
    "What an exercise may use"
    names = dict(torch=torch, np=np, F=F, nn=torch.nn)
    exec('from mnist_fundamentals.all import *', names)
    return names

def test_there_are_enough():
    "Four a chapter, and a hundred mistakes in all"
    counts = {chapter: (len(names), sum(len(kit.find(n).mistakes) for n in names)) for chapter, names in NAMES.items()}
    exercises, mistakes = map(sum, zip(*counts.values()))
    print(f'{exercises} exercises with {mistakes} typical mistakes: {counts}')
    assert min(n for n, _ in counts.values()) >= 4 and mistakes >= 100
    assert all(kit.find(n).mistakes for names in NAMES.values() for n in names), 'each names a typical mistake'

@pytest.mark.parametrize('path', CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_holds_its_exercises_in_order_and_the_solutions_at_its_end(path):
    numbers = [name.partition('.')[2] for name in NAMES[chapter_of(path)]]
    assert numbers == [str(i + 1) for i in range(len(numbers))]
    assert list(CELLS[path]) == [f'exercise-{n}{kind}' for n in numbers for kind in ('', '-answer', '-check')] + [
        'solutions', *(f'solution-{n}' for n in numbers)]
    assert not any('Solution</summary>' in cell['source'] for id, cell in CELLS[path].items() if id.startswith('exercise'))

@pytest.mark.parametrize('path, name', ALL)
def test_an_exercise_is_a_task_a_cell_to_fill_and_a_check(path, name):
    task, answer, checked = (cell_of(path, name, kind) for kind in ('', '-answer', '-check'))
    assert re.search(rf'^\*\*{re.escape(name)}\*\* ', task['source'], re.M)
    assert re.search(r'<details><summary>Hint</summary>.+?</details>', task['source'], re.S)
    body = ast.parse(answer['source']).body
    assert len(body) == 1 and (answer['source'].strip() == 'answer = ...' or
        isinstance(body[0], (ast.FunctionDef, ast.ClassDef)) and body[0].name == 'answer' and ast.unparse(body[0].body) == '...')
    assert checked['source'] == f"check('{name}', answer)"

@pytest.mark.parametrize('path, name', ALL)
def test_an_empty_cell_is_not_answered_yet(path, name):
    names = namespace()
    exec(cell_of(path, name, '-answer')['source'], names)
    assert check(name, names['answer']) == MISSING
    assert [''.join(o['data']['text/plain']) for o in cell_of(path, name, '-check')['outputs']] == [repr(MISSING)]

@pytest.mark.parametrize('path, name', ALL)
def test_the_solution_is_correct(path, name):
    names = namespace()
    exec(solution(path, name), names)
    assert check(name, names['answer']).startswith('Correct.')

@pytest.mark.parametrize('path, name', ALL)
def test_a_typical_mistake_gets_its_remark(path, name):
    for remark, wrong in kit.wrong_answers(name).items(): assert check(name, wrong) == f'Not yet: {remark}'

@pytest.mark.parametrize('path, name', ALL)
def test_a_remark_does_not_give_the_answer_away(path, name):
    expected = kit.find(name)
    if expected.cases or expected.judge: return
    value = expected.expected()
    if isinstance(value, str) or np.size(value := np.asarray(numbers(value))) != 1: return
    said = ' '.join(expected.mistakes)
    found = [float(n.replace(',', '')) for n in re.findall(r'(?<![\w.])-?\d[\d,]*\.?\d*', said)]
    assert not any(abs(n - value.item()) <= expected.tol for n in found), said

@pytest.mark.parametrize('answer, expected, said', [
    (-2., 2., 'the sign is the other way round'),
    (3., 2., 'the number is too large'),
    (1, 2., 'the number is too small'),
    ('2', 2., 'without quotes'),
    ({2}, 2., 'this is a set of 1'),
    (abs, 2., 'call it'),
    (torch.nn.Linear(2, 1), 2., 'this is a model, Linear'),
    (float('nan'), 2., 'NaN'),
    (2j, 2., 'complex'),
    (torch.ones(2, device='meta'), torch.ones(2), 'cannot be read'),
    ([torch.zeros(2), torch.zeros(3)], torch.zeros(2, 2), 'different shapes'),
    (torch.ones(2, 3), torch.arange(3.), 'the shape is [2, 3] and should be [3]'),
    (torch.arange(6.).view(2, 3), torch.arange(6.).view(2, 3).T, 'rows and columns are exchanged'),
    (torch.arange(6.).view(2, 3), torch.arange(6.), 'the numbers are right, but the shape'),
    ([3, 1, 2], [1, 2, 3], 'in another order'),
    ([2., 4., 7.], [1., 3., 6.], 'off by the same amount'),
    ([2., 4., 12.], [1., 2., 6.], 'off by the same factor'),
    ([1, 2, 9], [1, 2, 3], 'of 3 numbers 2 are'),
    (5, 'a', 'a text in quotes'),
    ('b', 'a', 'another one is right'),
    ((1, 5), (1, 2), 'value 2: the number is too large'),
    ((1,), (1, 2), '2 are asked for')])
def test_what_is_off(answer, expected, said):
    try: text = difference(answer, expected)
    except Unreadable as error: text = str(error)
    assert said in text

def raises(*args): raise ZeroDivisionError('by hand')
def leaves(*args): raise SystemExit(3)
def says_nothing(*args): pass
class Hostile:
    "Refuses everything that one may ask of it"
    def __getattribute__(self, name): raise RuntimeError('no')
    def __eq__(self, other): raise RuntimeError('no')
    __hash__ = None

NUMBER = st.one_of(st.integers(), st.floats(), st.booleans(), st.complex_numbers(), st.fractions(), st.decimals())
ODD = st.one_of(NUMBER, st.builds(Hostile), st.none(), st.text(max_size=20), st.binary(max_size=9), st.dates(), st.just(Ellipsis),
    st.lists(st.one_of(NUMBER, st.text(max_size=3)), max_size=6), st.sets(st.integers(), max_size=4), st.tuples(NUMBER, NUMBER),
    st.dictionaries(st.text(max_size=3), NUMBER, max_size=3), st.lists(st.lists(st.floats(width=32), max_size=4), max_size=4),
    st.sampled_from([raises, leaves, says_nothing, print, len, type, int, Hostile, torch, np, range(3), torch.nn.Linear(784, 1),
        torch.nn.ReLU(), torch.relu, lambda: 3, lambda x: x, lambda x, y: [x, y], iter([1]), slice(2), NotImplemented, Fraction(1, 3)]),
    st.builds(lambda shape, dtype: torch.zeros(shape, dtype=dtype), st.lists(st.integers(0, 4), max_size=4),
              st.sampled_from([torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.uint8, torch.complex64])),
    st.builds(lambda shape: torch.zeros(shape, device='meta'), st.lists(st.integers(0, 3), max_size=3)),
    st.builds(lambda n: np.array([None]*n, dtype=object), st.integers(0, 3)),
    st.builds(lambda n: [torch.zeros(n), torch.zeros(2)], st.integers(0, 3)))

def a_sentence_each_time(name, answer):
    said = check(name, answer)
    assert isinstance(said, str) and said.startswith(('Correct.', 'Not yet: ', MISSING)) and '\n' not in said and 'Traceback' not in said

QUICK = [name for names in NAMES.values() for name in names if not kit.find(name).judge]

@settings(max_examples=100, deadline=None)
@given(st.sampled_from(QUICK), ODD)
def test_odd_answers_get_a_sentence(name, answer): a_sentence_each_time(name, answer)

@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(st.sampled_from([name for names in NAMES.values() for name in names]), ODD)
def test_many_odd_answers_get_a_sentence(name, answer): a_sentence_each_time(name, answer)

@pytest.mark.parametrize('name', ['5.2', '05.99', 'nine', '', 5.2, None, ['05.1']])
def test_a_name_that_is_none(name):
    assert check(name, 3).startswith('Not found: there is no exercise')

def test_the_reader_s_random_numbers_go_on():
    import random
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(()).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    for path, name in (param.values for param in ALL): check(name, 3)
    assert (random.random(), np.random.rand(), torch.rand(()).item()) == expected
