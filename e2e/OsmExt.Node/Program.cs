using System.CommandLine;
using Microsoft.Extensions.Logging;
using OsmExt.Node;

Option<string> Required(string name, string description) => new(name) { Required = true, Description = description };

var (name, kubeconfig, state) = (Required("--name", "Prefix of what it makes on this machine, and its name in the cluster."),
    Required("--kubeconfig", "How to reach the API server."), Required("--state", "Where its files are while it runs."));
var (logs, images) = (Required("--logs", "Where output of containers goes."), Required("--images", "Where programs of images are: NAME/NAME."));
var command = new RootCommand("A node for a cluster that has none: runs the pods of an API server as written, as network namespaces of this machine.")
{
    name, kubeconfig, state, logs, images,
};
command.SetAction(async (parsed, cancellation) =>
{
    using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss.fff ")));
    var options = new NodeOptions
    {
        Name = parsed.GetRequiredValue(name), Kubeconfig = parsed.GetRequiredValue(kubeconfig), StateDirectory = parsed.GetRequiredValue(state),
        LogDirectory = parsed.GetRequiredValue(logs), ImagesDirectory = parsed.GetRequiredValue(images),
    };
    await using var node = await NodeAgent.StartAsync(options, TimeProvider.System, loggers.CreateLogger("node"), cancellation);
    Console.WriteLine("ready");
    await node.RunAsync(cancellation);
});
return await command.Parse(args).InvokeAsync();
