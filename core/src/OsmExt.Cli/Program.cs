using System.CommandLine;
using OsmExt.Cli.Commands;

var root = new RootCommand("OsmExt: a service mesh control plane for Envoy.")
{
    RunCommand.Create(),
    TranslateCommand.Create(),
    SimulateCommand.Create(),
    WhyCommand.Create(),
    TestCommand.Create(),
    BootstrapCommand.Create(),
    LocalCommand.Create(),
    VersionCommand.Create(),
};

return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
