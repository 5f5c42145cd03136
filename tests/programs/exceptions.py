"""try, except, else, finally, raise, assert and warnings."""

import contextlib
import math
import warnings

import numpy as np

from tests.programs.corpus import normal, positive, program, well_conditioned


class NoConvergence(RuntimeError):
    """A solver gave up."""


@program(np.array([[4.0, 1.0], [1.0, 3.0]]), also=[(np.array([[1.0, 2.0], [2.0, 1.0]]),)])
def cholesky_or_jitter(a):
    try:
        factor = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        factor = np.linalg.cholesky(a @ a.T + 0.5 * np.eye(2))
    return np.sum(np.log(np.diag(factor)))


@program(2.0, 0.5, also=[(2.0, 0.0)], wrt=(0,))
def zero_division(x, d):
    try:
        y = x / d
    except ZeroDivisionError:
        y = x * x
    return y * 3.0


@program(2.0, 1.5, also=[(2.0, -1.0)])
def return_in_both(x, y):
    try:
        return x * math.log(y)
    except ValueError:
        return x * x * y


@program(0.7, 1.4, also=[(0.7, 0.0)], wrt=0)
def else_branch(x, y):
    try:
        r = x / y
    except ZeroDivisionError:
        r = 2.0 * x
    else:
        r = r * r + x
    return r + x


@program(0.7, 2.0, also=[(0.7, 0.0), (0.7, -1.0)], wrt=0)
def several_handlers(x, y):
    try:
        s = math.log(y) + x / y
    except ZeroDivisionError:
        s = x
    except ValueError as error:
        s = x * x if "domain" in str(error) or str(error) else x * x * x
    return s * s


@program(0.7, 2.0, also=[(0.7, 0.0), (0.7, -1.0)], wrt=0)
def tuple_of_classes(x, y):
    try:
        s = x / y * math.sqrt(y)
    except (ZeroDivisionError, ValueError):
        s = math.sin(x)
    return s * x


@program(0.7, 2.0, also=[(0.7, 0.0)], wrt=0)
def bare_except(x, y):
    try:
        z = x * x / y
    except:  # noqa: E722
        z = x
    return math.exp(z)


@program(0.7, 2.0, also=[(0.7, 0.0)], wrt=0)
def finally_effect(x, y):
    seen = []
    try:
        z = x * x / y
    except ZeroDivisionError:
        z = x
    finally:
        seen.append("done")
    return z * len(seen)


@program(0.7, 2.0, also=[(0.7, 0.0)], wrt=0)
def finally_computes(x, y):
    total = x
    try:
        total = total + x / y
    except ZeroDivisionError:
        total = total * x
    finally:
        total = total * total
    return total


@program(0.7, 2.0)
def finally_alone(x, y):
    s = 1.0
    try:
        s = s * x
    finally:
        s = s + y
    return s * y


@program(0.7, 2.0)
def return_through_finally(x, y):
    done = []
    try:
        return x * y * y
    finally:
        done.append(1)


@program(1.3, 2, also=[(1.3, 7)])
def raise_in_the_body(x, n):
    y = x
    try:
        if n > 5:
            raise ValueError("too many")
        y = y * n
    except ValueError:
        y = y * y
    return y + x


@program(1.3, 0.4, also=[(1.3, -0.4)])
def reraised_where_it_does_not_happen(x, y):
    try:
        z = math.sqrt(abs(y)) * x
    except ValueError:
        raise
    return z * z


@program(1.3, 0.4, also=[(1.3, 2.5)])
def raise_another(x, y):
    try:
        z = check_positive(2.0 - y) * x
    except ValueError as error:
        if y > 100.0:
            raise RuntimeError("far off") from error
        z = x * y
    return z


def check_positive(v):
    if v < 0:
        raise ValueError("negative")
    return v * v


@program(1.3, 0.4, also=[(1.3, 2.5)])
def from_a_callee(x, y):
    try:
        z = check_positive(2.0 - y) * x
    except ValueError:
        z = x * x * y
    return z


def newton_root(a, start, steps):
    r = start
    for _ in range(steps):
        r = r - (r * r * r - a) / (3.0 * r * r)
    if abs(r * r * r - a) > 1e-9:
        raise NoConvergence(f"residual after {steps} steps")
    return r


@program(2.0, 1.0, 12, also=[(2.0, 1.0, 2)], wrt=0)
def solver_with_fallback(a, start, steps):
    try:
        r = newton_root(a, start, steps)
    except NoConvergence:
        low, high = 0.0, 2.0
        for _ in range(5):
            middle = 0.5 * (low + high)
            if middle**3 > a:
                high = middle
            else:
                low = middle
        r = low + (a - low**3) / (3.0 * low**2)
    return r * r


@program(np.array([0.5, 2.0, 1.0]), np.array([1.0, 0.0, 4.0]), wrt=0)
def in_a_loop(x, d):
    total = 0.0
    values = d.tolist()
    for i in range(3):
        try:
            total += float(x[i]) ** 2 * (1.0 / values[i])
        except ZeroDivisionError:
            total += float(x[i]) * 3.0
    return total


@program(np.array([0.5, 2.0, 1.0]), [1.0, 0.0, 4.0], wrt=0)
def continue_in_handler(x, d):
    total = 0.0
    for i, v in enumerate(d):
        try:
            w = 1.0 / v
        except ZeroDivisionError:
            continue
        total = total + w * x[i] ** 2
    return total


@program(np.array([0.5, 2.0, 1.0]), [1.0, 0.0, 4.0], wrt=0)
def break_in_handler(x, d):
    total = 1.0
    for i, v in enumerate(d):
        try:
            w = 1.0 / v
        except ZeroDivisionError:
            break
        total = total * x[i] ** 2 * w
    return total


@program(np.array([[1.0, 2.0], [2.0, 1.5]]))
def jitter_until_it_works(a):
    jitter = 0.1
    factor = np.eye(2)
    for _ in range(8):
        try:
            factor = np.linalg.cholesky(a + jitter * np.eye(2))
            break
        except np.linalg.LinAlgError:
            jitter *= 10.0
    return np.sum(factor**2) + np.sum(np.log(np.diag(factor)))


@program(0.7, [2.0, 0.0, 3.0], wrt=0)
def carried_through_handler(x, d):
    s = x
    for v in d:
        try:
            s = s * (x + 1.0 / v)
        except ZeroDivisionError:
            s = s * s
    return s


@program(0.7, 2.0, 1.0, also=[(0.7, 0.0, 1.0), (0.7, 0.0, 0.0)], wrt=0)
def nested_tries(x, d, e):
    try:
        try:
            z = x / d
        except ZeroDivisionError:
            z = x * x / e
        z = z * x
    except ZeroDivisionError:
        z = x + d
    return z * z + x


@program(0.7, 2.0, also=[(0.7, 0.0)], wrt=0)
def earlier_statement_is_kept(x, y):
    z = x
    try:
        z = z * x * 3.0
        w = x / y
    except ZeroDivisionError:
        w = z
    return z + w * w


@program(normal(3), [1.0, 2.0, 0.0, 4.0], wrt=0, writes=True)
def stores_before_the_raise(x, d):
    out = x.copy()
    try:
        out[0] = out[0] * out[1]
        out[1] = x[1] * (1.0 / d[2])
        out[2] = 0.0
    except ZeroDivisionError:
        out[2] = out[2] * 2.0
    return np.sum(out * x)


@program(0.7, [1.0, 2.0, 0.0, 4.0], wrt=0)
def loop_stops_midway(x, d):
    total, count = x, 0
    try:
        for v in d:
            total = total + x * x * (1.0 / v)
            count += 1
    except ZeroDivisionError:
        total = total * count
    return total * x


@program([0.5, 0.7], ["a", "b", "c"], wrt=0)
def lookup_in_dict(x, keys):
    table = {"a": x[0], "b": x[1]}
    total = 0.0
    for key in keys:
        try:
            total = total + table[key] ** 2
        except KeyError:
            total = total + 1.0
    return total


@program(positive(3), 5, also=[(positive(3), 1)], wrt=0)
def index_error(x, k):
    values = [v * v for v in x]
    try:
        y = values[k]
    except IndexError:
        y = values[-1] * 2.0
    return y


@program(1.4, "3", also=[(1.4, "x")], wrt=0)
def inactive_parse(x, text):
    try:
        n = int(text)
    except ValueError:
        n = 1
    return x**n


@program(well_conditioned(2), normal(2), also=[(np.array([[1.0, 2.0], [2.0, 4.0]]), normal(2))], wrt=1)
def singular_matrix(a, b):
    try:
        x = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        x = np.linalg.pinv(a) @ b
    return np.sum(x * x)


@program(1.4, 2.0)
def assert_statement(x, y):
    assert y > 0.0, f"y is {y}"
    assert x != y
    return x / y


@program(1.4, 2.0)
def warned(x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("y is large", RuntimeWarning, stacklevel=2)
    return x * y


@program(1.4, 2.0)
def overflow(x, y):
    try:
        z = math.exp(500.0 * y) * x
    except OverflowError:
        z = math.exp(y) * x
    return z


@program(1.4, 2.0, 0.0, wrt=(0, 1))
def try_inside_callee(x, y, d):
    return guarded(x, y) * guarded(y, x) + guarded(x, d)


def guarded(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return a * a


@program(1.4, 3, also=[(1.4, 0)], wrt=0)
def handler_ends_the_function(x, n):
    try:
        step = 1.0 / n
    except ZeroDivisionError:
        return x * x
    total = 0.0
    for i in range(n):
        total += math.sin(x * (i + 0.5) * step) * step
    return total


@program(1.4, 2.0, also=[(1.4, 0.0)], wrt=0)
def retry_loop(x, y):
    d = y
    while True:
        try:
            z = x * x / d
            break
        except ZeroDivisionError:
            d = d + 0.5
    return z * x


@program(np.array([1.0, 4.0]), also=[(np.array([1.0, -4.0]),)])
def floating_point_error(x):
    try:
        with np.errstate(invalid="raise"):
            y = np.sqrt(x)
    except FloatingPointError:
        y = x * x
    return np.sum(y * x)


# ---- what follows a body that leaves ----------------------------------------------------------------
@program(0.3, 0.7, 1, also=[(0.3, 0.7, 2), (0.3, 0.7, 0)], wrt=(0, 1))
def else_after_a_body_that_continues(a, b, n):
    for v in (b, 2.0):
        try:
            b = b * v
            if n > 1:
                continue
            b = b + math.log(n)
        except ValueError:
            b = b * 3
        else:
            a = a * b
        finally:
            a = a * 1.5
    return a * b


@program(0.3, 0.7, wrt=(0,))
def else_after_a_body_that_always_continues(a, b):
    for v in [b, 2.0]:
        try:
            a = a * v
            continue
        except ValueError:
            pass
        else:
            a = 0.5
    return a


@program(0.3, 1, also=[(0.3, 2), (0.3, 0)], wrt=(0,))
def else_after_a_body_that_returns(a, n):
    seen = []
    try:
        if n > 1:
            return a * 2
        a = a * math.sqrt(n - 0.5)
    except ValueError:
        a = a * 5
    else:
        seen.append(a)
    return a + sum(seen)


@program(0.3, 1, also=[(0.3, 4)], wrt=(0,))
def else_after_a_body_that_breaks(a, n):
    for k in range(5):
        try:
            if k == n:
                break
            a = a * math.sqrt(2.0 - k)
        except ValueError:
            a = a * 1.1
        else:
            a = a + 1.0
    else:
        a = a * 2.0
    return a * a


# ---- what a callee did before it raised --------------------------------------------------------
@program(0.7, 4)
def shared_variable_before_the_raise(x, n):
    total = 0.0

    def add(v, k):
        nonlocal total
        total = total + v * v
        if k % 2 == 0:
            raise ValueError(k)
        total = total + math.sin(v)

    for k in range(n):
        try:
            add(x * k, k)
        except ValueError:
            total = total * 0.5
    return total


@program(0.7, 4, also=[(0.7, 3)])
def result_or_shared_variable(x, n):
    total = x

    def add(v, k):
        nonlocal total
        total = total + v * v
        if k % 2 == 0:
            raise ValueError(k)
        return v

    try:
        y = add(x, n)
    except ValueError:
        y = 2.0 * x
    return total * y


class Tank:
    def __init__(self, level):
        self.level = level
        self.log = 0.0

    def draw(self, amount):
        self.log = self.log + amount * amount
        if amount > self.level:
            raise ValueError("empty")
        self.level = self.level - amount
        return amount * self.level


@program(0.7, [0.1, 0.2, 0.9])
def field_before_the_raise(x, amounts):
    tank = Tank(x)
    out = 0.0
    for amount in amounts:
        try:
            out += tank.draw(amount * x)
        except ValueError:
            out -= tank.level
            break
    return out + tank.log


@program(0.7, [0.1, 0.2, 0.9, 0.05])
def field_before_the_raise_with_else(x, amounts):
    tank = Tank(x)
    out = 0.0
    for amount in amounts:
        try:
            y = tank.draw(amount * x)
        except ValueError:
            y = tank.log
        else:
            out = out + y * y
        finally:
            out = out * 1.1
        out = out + y
    return out + tank.log


@program(0.7, 4)
def list_before_the_raise(x, n):
    log = []

    def step(v, k):
        log.append(v * v)
        if k == 2:
            raise ZeroDivisionError
        log.append(v)

    for k in range(n):
        try:
            step(x * k, k)
        except ZeroDivisionError:
            continue
    return sum(log)


def write(a, v, k):
    a[k] = v * v
    w = math.log(k)
    a[0] = a[0] + w
    return w * v


@program(0.7, 4)
def memory_before_the_raise(x, n):
    a = np.zeros(4)
    s = 0.0
    for k in range(n):
        try:
            s = s + x
            w = write(a, x, k=k)
        except ValueError:
            w = a[k] * 3
        s = s + w
    return np.sum(a * a) + s


@program(0.7, 3)
def counted_trials(x, n):
    count = 0
    best = x

    def trial(v):
        nonlocal count, best
        count += 1
        if count > n:
            raise StopIteration
        best = best * 0.5 + v * v

    try:
        while True:
            trial(best)
    except StopIteration:
        pass
    return best * count


@program(0.7, [0.1, 0.3, 0.9], wrt=0)
def value_of_a_branch_read_in_another(x, qs):
    s = 0.0
    for q in qs:
        try:
            if q > 0.2:
                y = math.sin(q * x) / (q - 0.9)
        except ZeroDivisionError:
            y = x
        if q > 0.2:
            s = s + y * y
    return s


@program(0.7, 0)
def name_of_a_with_in_a_handler(x, n):
    m = x * x
    try:
        with contextlib.nullcontext(x) as m:
            y = m * 2.0
        y = y / n
    except ZeroDivisionError:
        y = m * x
    return y * m


@program(0.7, [0, 1, 3, 2, 4])
def exceptions_of_a_local_function(x, ks):
    calls = []

    def inner(k):
        try:
            if k == 0:
                return x
            if k == 1:
                raise KeyError(k)
            v = x / (k - 2)
        except KeyError:
            return -x
        except ZeroDivisionError as error:
            raise ValueError("two") from error
        else:
            return v * v
        finally:
            calls.append(k)

    total = 0.0
    for k in ks:
        try:
            total += inner(k)
        except ValueError as error:
            if isinstance(error.__cause__, ZeroDivisionError):
                total += 0.1 * x
            continue
        if total > 5:
            break
    else:
        total *= 2
    return total + 0.01 * len(calls)


# ---- what a container holds is computed where it is made, so that the handler is where its error goes ---------------------


@program(0.3, 4, wrt=0)
def quotient_in_a_tuple(x, n):
    c = 0
    t = (0, 0)
    for _ in range(n):
        try:
            u = (c + 1, 10 // (2 - c))
        except ZeroDivisionError:
            u = (-1, c - 1)
        c += 1
        t = u
    return x * t[0] + t[1] * x * x


@program(0.3, 1, also=[(0.3, 7)], wrt=0)
def item_in_a_dict(x, n):
    try:
        d = {"a": 1, "b": [1, 2, 3][n]}
    except IndexError:
        d = {"a": 2, "b": 5}
    return x * d["a"] + x * x * d["b"]


@program(0.3, 0, also=[(0.3, 2)], wrt=0)
def quotient_in_a_dict_in_a_tuple(x, n):
    try:
        p = (1, {"k": (n, 1 // n)})
        q = p
    except ZeroDivisionError:
        q = (2, {"k": (5, 6)})
    return x * q[0] + q[1]["k"][1] * x * x


@program(0.3, 1, also=[(0.3, 3)], wrt=0)
def quotients_unpacked_in_turns(x, n):
    r = (0, 0)
    for i in range(n):
        try:
            a, b = i + 1, 4 // (i - 1)
            r = (b, a)
        except ZeroDivisionError:
            r = (r[1] + 1, r[0])
        finally:
            x = x * 1.1
    return x * r[0] + x * x * r[1]
