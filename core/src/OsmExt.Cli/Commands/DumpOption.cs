using System.CommandLine;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Commands;

/// <summary>What running Envoys have, or were sent, in place of what the manifests mean for their pods.</summary>
internal sealed class DumpOption
{
    private readonly Option<string[]> _dumps = new("--dump")
    {
        Description = "What a pod's running Envoy answered to /config_dump?include_eds, in place of what the manifests mean for it. May be given "
            + "several times. Default: none.",
        HelpName = "NAMESPACE/POD=FILE",
    };

    private readonly Option<string[]> _streams = new("--stream")
    {
        Description = "The discovery responses a pod's Envoy was sent, as JSON one after another (osm run --record writes them), in place of what the "
            + "manifests mean for it. May be given several times. Default: none.",
        HelpName = "NAMESPACE/POD=FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_dumps);
        command.Options.Add(_streams);
    }

    /// <summary>The mesh with the configurations given.</summary>
    /// <returns>Null, with a problem, when one cannot be used.</returns>
    public SimulatedMesh? Apply(ParseResult parsed, SimulatedMesh mesh, out string problem)
    {
        problem = "";
        var proxies = new Dictionary<string, ProxyConfiguration>(StringComparer.Ordinal);
        var all = (parsed.GetValue(_dumps) ?? []).Select(given => (Given: given, What: "dump", Read: (Func<string, string, ProxyConfiguration>)ConfigDump.Read))
            .Concat((parsed.GetValue(_streams) ?? []).Select(given => (Given: given, What: "stream", Read: (Func<string, string, ProxyConfiguration>)RecordedStream.Read)));
        foreach (var (given, what, read) in all)
        {
            var equals = given.IndexOf('=', StringComparison.Ordinal);
            var (pod, file) = equals > 0 ? (given[..equals], given[(equals + 1)..]) : (given, "");
            if (file.Length == 0 || mesh.Find(pod) is null)
            {
                problem = file.Length == 0 ? $"\"{given}\" is no {what}; write NAMESPACE/POD=FILE" : $"--{what} names {pod}, and the manifests have no such pod";
                return null;
            }

            try
            {
                proxies[pod] = read(pod, File.ReadAllText(file));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
            {
                problem = $"the {what} {file} cannot be used: {failure.Message}";
                return null;
            }
        }

        return proxies.Count == 0 ? mesh : mesh.With(proxies);
    }
}
