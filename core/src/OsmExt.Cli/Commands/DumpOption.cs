using System.CommandLine;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Commands;

/// <summary>Configurations of running Envoys, in place of what the manifests mean for their pods.</summary>
internal sealed class DumpOption
{
    private readonly Option<string[]> _dumps = new("--dump")
    {
        Description = "What a pod's running Envoy answered to /config_dump?include_eds, in place of what the manifests mean for it. May be given "
            + "several times. Default: none.",
        HelpName = "NAMESPACE/POD=FILE",
    };

    public void AddTo(Command command) => command.Options.Add(_dumps);

    /// <summary>The mesh with the configurations given.</summary>
    /// <returns>Null, with a problem, when one cannot be used.</returns>
    public SimulatedMesh? Apply(ParseResult parsed, SimulatedMesh mesh, out string problem)
    {
        problem = "";
        var proxies = new Dictionary<string, ProxyConfiguration>(StringComparer.Ordinal);
        foreach (var given in parsed.GetValue(_dumps) ?? [])
        {
            var equals = given.IndexOf('=', StringComparison.Ordinal);
            var (pod, file) = equals > 0 ? (given[..equals], given[(equals + 1)..]) : (given, "");
            if (file.Length == 0 || !mesh.Pods.Any(candidate => candidate.ToString() == pod))
            {
                problem = file.Length == 0 ? $"\"{given}\" is no dump; write NAMESPACE/POD=FILE" : $"--dump names {pod}, and the manifests have no such pod";
                return null;
            }

            try
            {
                proxies[pod] = ConfigDump.Read(pod, File.ReadAllText(file));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
            {
                problem = $"the dump {file} cannot be used: {failure.Message}";
                return null;
            }
        }

        return proxies.Count == 0 ? mesh : mesh.With(proxies);
    }
}
