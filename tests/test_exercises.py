"Every exercise has an answer cell, a check and a folded solution; the check says what it should"
import ast, re, numpy as np, pytest, torch
import torch.nn.functional as F
from conftest import CHAPTERS, read_cells

def exercises(path):
    "Number to id to source of a chapter's exercise cells"
    found = {}
    for cell in read_cells(path):
        if m := re.match(r'exercise-(\d+)', cell['id']):
            found.setdefault(int(m[1]), {})[cell['id']] = cell['source']
    return found

ALL = [pytest.param(number, cells, id=f'{path.stem}-{number}') for path in CHAPTERS
       for number, cells in exercises(path).items()]

def solution(text):
    "The code of the folded solution"
    folded = re.findall(r'<details><summary>Solution</summary>(.*?)</details>', text, re.S)
    blocks = re.findall(r'```python\n(.*?)```', ''.join(folded), re.S)
    assert len(folded) == len(blocks) == 1, 'one folded solution, of one block of code'
    return blocks[0]

def namespace():
    "What an exercise may use"
    names = dict(torch=torch, np=np, F=F)
    exec('from mnist_fundamentals.all import *', names)
    return names

def run_check(source, names):
    "Run a check cell; the value of its last line, and the arguments that `check` got"
    calls, check = [], names['check']
    def spy(*args, **kwargs):
        calls.append((args, kwargs))
        return check(*args, **kwargs)
    body = ast.parse(source).body
    assert isinstance(body[-1], ast.Expr), 'the last line of a check cell is the check'
    names['check'] = spy
    exec(compile(ast.Module(body[:-1], []), 'check', 'exec'), names)
    said = eval(compile(ast.Expression(body[-1].value), 'check', 'eval'), names)
    names['check'] = check
    assert len(calls) == 1
    return said, calls[0]

@pytest.mark.parametrize('path', CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_has_three_exercises(path):
    found = exercises(path)
    assert len(found) >= 3 and list(found) == list(range(1, len(found) + 1))

@pytest.mark.parametrize('number, cells', ALL)
def test_exercise_is_whole(number, cells):
    name = f'exercise-{number}'
    assert list(cells) == [name, f'{name}-answer', f'{name}-check']
    assert cells[f'{name}-answer'].strip() == 'answer = ...'
    assert re.search(r'<details><summary>Hint</summary>.+?</details>', cells[name], re.S)
    assert re.search(rf'^\*\*{number}\.\*\* ', cells[name], re.M)
    assert 'answer = ' in solution(cells[name])

@pytest.mark.parametrize('number, cells', ALL)
def test_check_of_no_answer(number, cells):
    names = namespace()
    exec(cells[f'exercise-{number}-answer'], names)
    assert run_check(cells[f'exercise-{number}-check'], names)[0].startswith('Not answered yet')

@pytest.mark.parametrize('number, cells', ALL)
def test_check_of_the_solution_and_of_wrong_answers(number, cells):
    names = namespace()
    exec(solution(cells[f'exercise-{number}']), names)
    said, (args, kwargs) = run_check(cells[f'exercise-{number}-check'], names)
    assert said == 'Correct'
    check, (_, expected, *more) = names['check'], args
    wrong = kwargs.get('wrong', more[0] if more else ())
    assert len(wrong) >= 1, 'name a typical wrong answer'
    for value, remark in wrong:
        assert check(value, expected, *more, **kwargs) == f'Not yet: {remark}'
