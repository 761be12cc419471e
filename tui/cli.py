"""The `palmpace` command. Textual is loaded only where there is a screen to draw."""

from __future__ import annotations

import io
import math
import os
import signal
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import msgspec
from cyclopts import Parameter

from journal.export import ExportError
from journal.forget import ForgetError
from journal.plan import PlanError
from journal.store import HistoryError
from sensors.address import BrokerError
from sensors.declared import GravitySaid
from sensors.files import FileError
from sensors.keep import PersonError
from sensors.phyphox_experiment import PhyphoxError
from sensors.recording import RecordingError
from sensors.samples import Unit
from sensors.toml import printable
from tracker.routine import RoutineError
from tui.cautions import cautions_text
from tui.choices import INTERRUPTED, Choice, LaunchError, UsageError
from tui.config import LEAST_FPS, MOST_FPS, ConfigError, Override, load_config
from tui.headless import watch
from tui.journal import COMMANDS, as_person
from tui.launch import Launch, LiveOptions
from tui.library import Library
from tui.memory import Memory
from tui.routines import app as routines
from tui.settings import Display, draws_ascii_alone, settings_from

EXPECTED = (
    BrokerError,
    ConfigError,
    ExportError,
    FileError,
    ForgetError,
    HistoryError,
    LaunchError,
    PhyphoxError,
    PlanError,
    RecordingError,
    RoutineError,
)
DONE, FAILED, USAGE = 0, 1, 2
MOST_WEEKS = 520
"""Ten years."""

UnitSaid = Literal["auto", "m/s2", "g", "mg", "gal", "raw"]

app = cyclopts.App(
    name="palmpace",
    help="A live pace coach for self-massage: a wrist's motion over MQTT, read and coached in the terminal.\n\n"
    "Anywhere: --person NAME for another person's recordings, history and plan; --debug for where an error came from.",
    help_format="plaintext",
    version=version("palmpace"),
    default_parameter=Parameter(negative=()),
    version_flags=["--version"],
)
for command in COMMANDS:
    app.command(command)


@app.default
def home(*, display: Display = Display()) -> int:
    """Open the dashboard."""
    return _dashboard(Launch(config=load_config()), None, display)


@app.command
def live(
    *,
    routine: str = "free",
    style: str = "",
    broker: str | None = None,
    topic: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    simulate: str | None = None,
    headless: bool = False,
    json: bool = False,
    no_record: bool = False,
    no_publish: bool = False,
    home_assistant: bool = False,
    unit: UnitSaid = "auto",
    gravity: GravitySaid = "auto",
    seconds: float | None = None,
    display: Display = Display(),
) -> int:
    """Coach a session as it happens.

    Parameters
    ----------
    routine
        Coach this routine; see 'palmpace routines'.
    style
        In this style, such as swedish or deep: its own targets.
    broker
        Listen at mqtt://host:1883 or mqtts://host:8883; without it a broker is started here.
    topic
        MQTT topics to listen to.
    simulate
        Let a simulated wrist send: a scenario or a routine's name.
    headless
        Print events instead of opening the dashboard.
    json
        Print events as JSON lines.
    no_record
        Keep no recording.
    no_publish
        Say nothing over MQTT: no state, no cues, no summary.
    home_assistant
        Let Home Assistant find what is published.
    unit
        Of the acceleration, where the data tells it wrong.
    gravity
        Whether it is in the acceleration, where the data tells it wrong.
    seconds
        End after this long.
    """
    options = LiveOptions(
        routine=routine,
        style=style,
        broker=broker,
        topics=topic,
        simulate=simulate,
        record=not no_record,
        publish=not no_publish,
        home_assistant=home_assistant,
        seconds=_seconds(seconds),
    )
    launch = Launch(options, load_config(), Override(Unit(unit), gravity))
    if headless or json:
        runner = launch.live(options)
        if (where := runner.connection) is not None:
            print(f"listening at {where.host}:{where.port} ({where.broker}), topic {where.topic}", file=sys.stderr)
        try:
            watch(runner, as_json=json)
        finally:
            if (kept := launch.recording_of(runner)) is not None:
                print(f"recorded: {kept}", file=sys.stderr)
        return DONE
    return _dashboard(launch, Choice("simulated" if simulate else "device", routine, style=style), display)


@app.command
def replay(
    file: Path,
    /,
    *,
    speed: str = "1",
    routine: str | None = None,
    style: str = "",
    headless: bool = False,
    json: bool = False,
    unit: UnitSaid = "auto",
    gravity: GravitySaid = "auto",
    display: Display = Display(),
) -> int:
    """Show a recording again, through the same pipeline.

    Parameters
    ----------
    file
        A recording (.mcap), a phone app's export (file, zip or folder), a CSV or an .npz.
    speed
        Times as fast as it happened, or 'max'.
    routine
        Coach by this routine instead of the recording's own.
    style
        In this style of the routine.
    headless
        Print events instead of opening the dashboard.
    json
        Print events as JSON lines.
    unit
        Of the acceleration, where the data tells it wrong.
    gravity
        Whether it is in the acceleration, where the data tells it wrong.
    """
    times = _speed(speed)
    launch = Launch(override=Override(Unit(unit), gravity))
    if headless or json:
        watch(launch.replay(file, times, routine, style), as_json=json, in_haste=times is None)
        return DONE
    return _dashboard(launch, Choice("replay", routine, file, times, style), display)


@app.command
def analyze(
    *files: Path, json: bool = False, track: bool = False, unit: UnitSaid = "auto", gravity: GravitySaid = "auto"
) -> int:
    """Say what the hand did in recordings and files of samples.

    Parameters
    ----------
    files
        Recordings (.mcap), phone apps' exports (files, zips or folders), CSV or .npz files.
    json
        Print one JSON line per file.
    track
        Include ten values per second; with --json.
    unit
        Of the acceleration, where the data tells it wrong.
    gravity
        Whether it is in the acceleration, where the data tells it wrong.
    """
    if not files:
        raise UsageError("name at least one file")
    from tui.analyze import analyze_file, report

    failed = False
    declared = Override(Unit(unit), gravity).upon(()) or None
    for file in files:
        result = analyze_file(file, keep_track=track, declared=declared)
        failed |= "error" in result
        if json:
            sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        elif "error" in result:
            print(f"palmpace: {result['error']}", file=sys.stderr)
        else:
            print(report(result))
    return FAILED if failed else DONE


@app.command
def compare(file: Path, /, *routine: str, cues: bool = False, json: bool = False) -> int:
    """Coach a recording again by other routines, and put them side by side.

    Parameters
    ----------
    file
        A recording (.mcap) or any file that can be replayed.
    routine
        NAME, NAME:STYLE, or a routine's .toml file; several are compared.
    cues
        List every cue with its reason.
    json
        Print one JSON line per routine.
    """
    from tui.comparing import coach_again, table, told

    coached = coach_again(file, routine)
    lines = (msgspec.json.encode(each.to_dict()).decode() for each in coached) if json else table(coached)
    for line in lines:
        print(line)
    if cues and not json:
        for each in coached:
            print("", *told(each), sep="\n")
    return DONE


@app.command
def simulate(
    scenario: str,
    /,
    *,
    seed: int = 7,
    seconds: float | None = None,
    broker: str | None = None,
    topic: str | None = None,
    format: str = "sensor-logger",
    device: str = "simulated-wrist",
    out: Path | None = None,
) -> int:
    """Be a moving wrist: publish over MQTT at a true device's pace, or write a recording with its truth.

    Parameters
    ----------
    scenario
        strokes, circles, lifts, still, fidget, or a routine's name.
    seed
        The same seed gives the same hand.
    seconds
        How long.
    broker
        Publish at mqtt://host:1883.
    topic
        MQTT topic; the format's own unless given.
    format
        sensor-logger, phyphox, android-event or plain.
    device
        The id that sensor-logger tells: 'left' and 'right' are two wrists.
    out
        Write this recording instead, and FILE.truth.json beside it.
    """
    if (broker is None) == (out is None):
        raise UsageError("give either --broker URL or --out FILE")
    seconds = _seconds(seconds)
    from tui.simulation import publish_scenario, write_scenario

    if out is not None:
        write_scenario(scenario, out, seed=seed, seconds=seconds, format=format, topic=topic, device_id=device)
    elif broker is not None:
        publish_scenario(scenario, broker, seed=seed, seconds=seconds, format=format, topic=topic, device_id=device)
    return DONE


@routines.command
def edit(name: str, /, *, display: Display = Display()) -> int:
    """Open the dashboard where a routine is changed: one's own, or a copy of a shipped one.

    Parameters
    ----------
    name
        Of the routine.
    """
    Library().routine(name)
    return _dashboard(Launch(config=load_config()), None, display, edit=name)


app.command(routines)


@app.command
def report(
    session: str | None = None,
    /,
    *,
    out: Annotated[str | None, Parameter(name=("--out", "-o"))] = None,
    weeks: int | None = None,
    cycles: bool = False,
    plots: Path | None = None,
    format: Literal["svg", "png"] = "svg",
) -> int:
    """Make a page with plots of a session, or of weeks; tables for notebooks; a FIT file. Print what was written.

    Parameters
    ----------
    session
        A recording's name, a recording or any file that can be replayed, or 'last'.
    out
        What to write: page.html, table.csv, table.parquet, session.fit, or plots/ for every plot.
    weeks
        Report so many weeks up to today instead of one session.
    cycles
        Of tables, one row a cycle instead of ten a second.
    plots
        Write every plot to this folder too.
    format
        Of these plots.
    """
    if (session is None) == (weeks is None):
        raise UsageError("name a session (a file, a recording's name, or 'last'), or give --weeks N")
    if weeks is not None and not 0 < weeks <= MOST_WEEKS:
        raise UsageError(f"--weeks takes a number from 1 to {MOST_WEEKS}, not {weeks}")
    if out is None and plots is None:
        raise UsageError("say what to write: -o page.html, table.csv, table.parquet, session.fit, or plots/")
    from tui.reporting import TABLES, report_session, report_weeks

    file = Path(out) if out is not None else None
    if out is not None and file is not None and (out.endswith(("/", os.sep)) or file.is_dir()):
        file, plots = None, plots or file
    if cycles and (file is None or file.suffix.lower() not in TABLES):
        raise UsageError("--cycles is of tables: -o cycles.csv or cycles.parquet")
    if session is not None:
        written = report_session(session, file, cycles=cycles, plots=plots, format=format)
    else:
        written = report_weeks(weeks or 1, file, plots=plots, format=format)
    for path in written:
        print(path)
    return DONE


@app.command(name="import")
def import_(*files: Path) -> int:
    """Make recordings of phone apps' exports and other files, and print where they are.

    Parameters
    ----------
    files
        A zip, a folder, or a file of phyphox, Sensor Logger, SensorLog, Physics Toolbox; any CSV, JSON or .npz.
    """
    if not files:
        raise UsageError("name at least one file")
    from tui.importing import import_files

    return DONE if import_files(files) else FAILED


@app.command
def doctor(
    *,
    broker: str | None = None,
    topic: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    seconds: float = 10.0,
    json: bool = False,
) -> int:
    """Say why a phone or board does not show up, and what to do.

    Parameters
    ----------
    broker
        Listen at mqtt://host:1883 or mqtts://host:8883; without it a broker is started here.
    topic
        MQTT topics to listen to.
    seconds
        How long to listen.
    json
        Print what was seen as JSON lines.
    """
    from tui.doctor import diagnose

    return diagnose(broker, topic, load_config(), seconds=_seconds(seconds) or 0.0, json=json)


@app.command
def phyphox(
    *,
    broker: str | None = None,
    topic: str = "phyphox/acc",
    rate: float = 50.0,
    out: Annotated[Path, Parameter(name=("--out", "-o"))] = Path("palmpace.phyphox"),
    qr: Path | None = None,
) -> int:
    """Write an experiment for the phyphox app that streams to a broker, and show it as a QR code.

    Parameters
    ----------
    broker
        Where the phone is to send; without it the broker that 'palmpace live' starts on this machine.
    topic
        MQTT topic to send to.
    rate
        Samples a second.
    out
        The experiment file.
    qr
        Save the QR code as this .svg or .png instead of showing it.
    """
    from tui.hub import named_address
    from tui.phyphox import write_phyphox

    write_phyphox(named_address(broker, load_config().broker), topic=topic, rate_hz=rate, out=out, picture=qr)
    return DONE


@app.command
def serve(*, port: int = 8000, display: Display = Display()) -> int:
    """Show the dashboard in a browser on this machine.

    Parameters
    ----------
    port
        Of http://127.0.0.1:8000.
    """
    if not 0 < port < 65536:
        raise UsageError(f"--port takes a number from 1 to 65535, not {port}")
    settings_from(load_config(), Memory().kept, _checked(display))
    from tui.serve import serve_dashboard

    serve_dashboard(port, display)
    return DONE


@app.command
def cautions() -> int:
    """Say in plain words when not to massage, and when to stop."""
    print(cautions_text())
    return DONE


@app.command
def password(*, renew: bool = False) -> int:
    """Show what devices log in with at the broker that 'palmpace live' starts for the network.

    Parameters
    ----------
    renew
        Make a new password first; every device has to be told.
    """
    from sensors.broker import network_access
    from sensors.broker.password import renew_device_password

    if renew:
        renew_device_password()
    access = network_access()
    print(f"user         {access.user}\npassword     {access.password}")
    print(f"certificate  {access.ca}\nSHA-256      {access.fingerprint}")
    return DONE


@app.command
def unpublish(*, broker: str | None = None) -> int:
    """Take back what sessions left standing at a broker: states of devices, Home Assistant's entities.

    Parameters
    ----------
    broker
        mqtt://host:1883 or mqtts://host:8883; without it the configured one.
    """
    from tui.hub import named_address
    from tui.outbound.forget import forget

    address = named_address(broker, load_config().broker)
    if address is None:
        raise UsageError("name the broker with --broker: one started for a session keeps nothing")
    for freed in forget(address):
        print(freed)
    return DONE


def main() -> None:
    """Run the command and leave with its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="surrogateescape")  # a path need not be text: it goes out as the bytes it is
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Run the command line; give its exit code."""
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        with as_person(words) as rest:
            result = app(rest, exit_on_error=False, print_error=False, result_action="return_value")
    except KeyboardInterrupt:
        return INTERRUPTED
    except (cyclopts.CycloptsError, PersonError, UsageError) as error:
        return _told(error, f"{_complaint(error)} (see 'palmpace --help')", USAGE, debug=debug)
    except EXPECTED as error:
        return _told(error, str(error), FAILED, debug=debug)
    except BrokenPipeError:
        # The reader of our stdout has seen enough; Python would complain once more while leaving.
        sys.stderr.close()
        return FAILED
    return result if isinstance(result, int) else DONE


def _told(error: Exception, line: str, code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    print(f"palmpace: {printable(line)}", file=sys.stderr)
    return code


def _complaint(error: Exception) -> str:
    if isinstance(error, cyclopts.UnusedCliTokensError) and error.unused_tokens:
        return f"{error.unused_tokens[0]!r} is not a command, or one word too many"
    return " ".join(str(error).split()).rstrip(".")


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _seconds(seconds: float | None) -> float | None:
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        raise UsageError(f"--seconds takes a number above 0, not {seconds:g}")
    return seconds


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        times = float(text)
    except ValueError:
        times = 0.0
    if not 0 < times < float("inf"):
        raise UsageError(f"--speed takes a number above 0 or 'max', not {text!r}")
    return times


def _dashboard(launch: Launch, start: Choice | None, display: Display, edit: str | None = None) -> int:
    memory = Memory()
    plain = draws_ascii_alone(os.environ, sys.__stderr__.encoding if sys.__stderr__ else "")  # where Textual draws
    settings = settings_from(load_config(), memory.kept, _checked(display), plain=plain)
    from tui.app import PalmpaceApp

    screen = PalmpaceApp(launch, settings=settings, memory=memory, start=start, edit=edit)
    screen.run()
    return screen.return_code or DONE


def _checked(display: Display) -> Display:
    if display.fps is not None and not LEAST_FPS <= display.fps <= MOST_FPS:
        raise UsageError(f"--fps takes a number from {LEAST_FPS:g} to {MOST_FPS:g}, not {display.fps:g}")
    return display


if __name__ == "__main__":
    main()
