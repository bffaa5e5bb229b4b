using OsmExt.Cli.Clusters;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Verification;

/// <summary>Decides requests by what the sidecars of a cluster really run.</summary>
internal static class RunningConfigurations
{
    /// <summary>A mesh in which these pods' sidecars have what their Envoys say they have.</summary>
    public static async Task<(SimulatedMesh? Mesh, Check Check)> ReadAsync(ClusterSession session, SimulatedMesh mesh, IReadOnlyList<string> pods, CancellationToken cancellation)
    {
        var dumps = new Dictionary<string, ProxyConfiguration>(StringComparer.Ordinal);
        var checks = new List<Check>();
        foreach (var pod in pods)
        {
            var context = $"The Envoy of {pod} says what it runs";
            try
            {
                using var admin = await RunningMesh.AdminAsync(session, pod, cancellation).ConfigureAwait(false);
                dumps[pod] = ConfigDump.Read(pod, await admin.GetStringAsync(new Uri("/config_dump?include_eds", UriKind.Relative), cancellation).ConfigureAwait(false));
                checks.Add(new(context, CheckStatus.Success));
            }
            catch (Exception failure) when (failure is CommandException or HttpRequestException or FormatException)
            {
                checks.Add(new(context, CheckStatus.Failure, (failure.InnerException ?? failure).Message, $"osm proxy get config_dump {pod}"));
            }
        }

        var all = Check.All("The Envoys say what they run", checks);
        return (all.Status == CheckStatus.Success ? mesh.With(dumps) : null, all);
    }

    /// <summary>Whether a request gets through.</summary>
    public static Check Decide(SimulatedMesh mesh, RequestText request, string suggestion)
    {
        var context = $"What they run lets {request.From} reach {request.Host}:{request.Port}";
        return request.Decide(mesh, out var problem) is not { } decision ? new(context, CheckStatus.Unknown, problem, suggestion)
            : decision.Verdict switch
            {
                Verdict.Allow => new(context, CheckStatus.Success),
                Verdict.Deny => new(context, CheckStatus.Failure, $"it is denied{(decision.Status is { } status ? $" with status {status}" : "")}: {decision.Reason}", suggestion),
                _ => new Check(context, CheckStatus.Unknown, decision.Reason, suggestion),
            };
    }
}
