using System.CommandLine;
using OsmExt.Demo;
using OsmExt.Demo.Measure;
using OsmExt.Demo.View;

var once = new Option<bool>("--once") { Description = "Run the script, check every expectation, print a summary and end: exit code 0 when all held." };
var name = new Option<string>("--name") { Description = "The mesh's name on this machine; several can run side by side.", DefaultValueFactory = _ => "demo", Recursive = true };
var envoy = new Option<string?>("--envoy") { Description = "Version of Envoy to look for. Default: any that works.", HelpName = "VERSION", Recursive = true };
var dataPlane = new Option<string>("--data-plane")
{
    Description = "What sidecars are: envoy, embedded, or auto for envoy where that is possible.", DefaultValueFactory = _ => "auto", Recursive = true,
};
var network = new Option<string>("--network")
{
    Description = "What pods are: namespaces, loopback, or auto for namespaces where they are possible.", DefaultValueFactory = _ => "auto", Recursive = true,
};
var root = new Option<string>("--root") { Description = "The repository.", DefaultValueFactory = _ => ".", HelpName = "DIR", Recursive = true };
var changes = new Option<int>("--changes") { Description = "How many policy changes to time.", DefaultValueFactory = _ => 200 };
var idle = new Option<int>("--idle") { Description = "How many seconds to watch the control plane while nothing changes.", DefaultValueFactory = _ => 60 };

var measure = new Command("measure", "Time many policy changes and watch the control plane; prints figures.") { changes, idle };
measure.SetAction((parsed, cancellation) => DemoRun.StartAsync(
    OptionsOf(parsed), (running, cancel) => new Measurement(running, parsed.GetValue(changes), parsed.GetValue(idle)).RunAsync(cancel), cancellation));

var demo = new RootCommand("The bookstore in a mesh on this machine: shows who reaches whom, changes policy files and shows what that does. Needs Linux; with root and an Envoy it is on real Envoys, else on the embedded data plane.")
{
    once, name, dataPlane, network, envoy, root, measure,
};
demo.SetAction((parsed, cancellation) => DemoRun.StartAsync(
    OptionsOf(parsed), (running, cancel) => new Show(running, parsed.GetValue(once)).RunAsync(cancel), cancellation));

// Taking the mesh down takes its time, however we were asked to end.
return await demo.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });

DemoOptions OptionsOf(ParseResult parsed) => new(Path.GetFullPath(parsed.GetRequiredValue(root)), parsed.GetRequiredValue(name), parsed.GetValue(envoy))
{
    DataPlane = parsed.GetRequiredValue(dataPlane),
    Network = parsed.GetRequiredValue(network),
};
