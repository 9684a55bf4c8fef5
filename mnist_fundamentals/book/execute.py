"Executing a notebook in a fresh kernel, without a network"
import asyncio, os, tempfile
from pathlib import Path
from time import perf_counter
from .console import HERE, Problem, is_checkout, one_line

CONTROLS = 'tests controls'   # the tag of a cell that moves sliders, which a page does not have

def kernel_env(**more):
    "The environment of a kernel: figures go into the page, and a checkout's package is found"
    # glibc keeps freed memory for the next step, else each step asks the system for it anew
    keep = dict.fromkeys(['MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_'], str(2**30))
    env = keep | os.environ | dict(MPLBACKEND='module://matplotlib_inline.backend_inline') | more
    paths = [str(HERE.parent)]*is_checkout() + [env.get('PYTHONPATH')]
    return env | dict(PYTHONPATH=os.pathsep.join(filter(None, paths)))

def code_cells(nb, controls=True):
    "The (position, cell) of each code cell that is not empty; without those that test controls?"
    return [(i, c) for i, c in enumerate(nb.cells) if c.cell_type == 'code' and c.source.strip()
            and (controls or CONTROLS not in c.metadata.get('tags', []))]

async def execute(nb, on_cell=None, timeout=3600, env=None, controls=True, allow_errors=False):
    "`execute_notebook` for several at a time; when it is cancelled it ends its kernel"
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_output
    on_cell, cells = on_cell or (lambda *args: None), code_cells(nb, controls)
    for _, cell in code_cells(nb): cell.update(outputs=[], execution_count=None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # without folders to search there is one kernel: ipykernel in sys.executable
        km = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        if os.name != 'nt':   # files as sockets: no network is needed, not even the machine's own
            km.transport, km.ip = 'ipc', str(Path(folder)/'kernel')
        client = NotebookClient(nb, km=km, timeout=timeout, allow_errors=allow_errors,
                                extra_arguments=['--log-level=ERROR'])
        cwd = Path(folder)/'empty'
        cwd.mkdir()
        try:   # not by setup_kernel, whose signal handlers know of one kernel only
            await client.async_start_new_kernel(cwd=cwd, env=env or kernel_env())
            await client.async_start_new_kernel_client()
            for number, (index, cell) in enumerate(cells, 1):
                on_cell(cell, number, len(cells), None)
                start = perf_counter()
                await client.async_execute_cell(cell, index, execution_count=number)
                on_cell(cell, number, len(cells), perf_counter() - start)
            client.set_widgets_metadata()   # for `drop_widgets`: what an interact has drawn
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            if asyncio.current_task().cancelling():   # nbclient takes that for a dead kernel
                raise asyncio.CancelledError from None
            name = getattr(error, 'ename', type(error).__name__)
            value = getattr(error, 'evalue', str(error).partition('\n')[0])
            if not isinstance(error, CellExecutionError):   # then the page does not say it yet
                cell.outputs.append(new_output('error', ename=name, evalue=value,
                                               traceback=[f'{name}: {value}']))
            where = f'cell {number} ({cell.get("id", "no id")})'
            raise Problem(f'{where}: {name}: {one_line(value)}') from None
        except RuntimeError as error:
            raise Problem(f'the kernel did not start: {one_line(error)}') from None
        finally:   # also after Ctrl-C, whatever state it left
            if client.kc: client.kc.stop_channels()
            if km.has_kernel: await km.shutdown_kernel(now=True)

def execute_notebook(
    nb,             # executed in place, in a fresh kernel of this Python, in an empty folder
    on_cell=None,   # on_cell(cell, number, total, seconds), called twice for each code cell: as
                    # it starts, with seconds None, and when it is done, with its wall time
    timeout=3600,   # for one cell, in seconds
    env=None,       # the kernel's environment; `kernel_env()` when None
    controls=True,  # execute the cells that test controls, too?
):
    "A failing cell, a dead kernel and a timeout raise Problem; `nb` keeps the outputs so far"
    asyncio.run(execute(nb, on_cell, timeout, env, controls))
