using System.CommandLine;
using OsmExt.Cli.Commands;

var root = new RootCommand("OsmExt: a service mesh control plane for Envoy.")
{
    RunCommand.Create(),
    TranslateCommand.Create(),
    BootstrapCommand.Create(),
    LocalCommand.Create(),
    VersionCommand.Create(),
};

// Taking a mesh down takes longer than the two seconds a command usually gets after SIGTERM, and a mesh half down is a mess.
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
