using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>Sees when the leader changes which root does what, and follows, so that all replicas issue and believe the same.</summary>
internal sealed partial class RootFollower(
    ClusterClient client, ClusterRoots roots, MeshPipeline pipeline, ClusterOptions options, CompilerOptions mesh, TimeProvider time, ILogger<RootFollower> logger)
    : BackgroundService, IReflectorSink
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var share = new ReflectorShare(options.Reflectors, time, new(options.Seed));
        try
        {
            await new Reflector(client, ClusterRoots.StateResource, this, share) { Namespace = mesh.OsmNamespace, Name = ClusterRoots.StateName }.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }

    public void Begin()
    {
    }

    public void Listed(ApiObject found) => Take(found);

    // A root that is not named anywhere any more is kept anyway.
    public Doubt? End(bool isSure) => null;

    public void Changed(ApiObject changed) => Take(changed);

    // What is in force stays: a root that is not named anywhere any more is still the one that signed.
    public void Deleted(ApiObject deleted) => Log.Deleted(logger, mesh.OsmNamespace, ClusterRoots.StateName);

    private void Take(ApiObject found)
    {
        try
        {
            var state = JsonNode.Parse(found.Json.Span)!;
            if (ClusterRoots.Parse(state, mesh.TrustDomain) is { } next)
            {
                pipeline.Post(_ => Adopt(state, next));
            }
        }
        catch (Exception failure) when (failure is JsonException or CertificateAuthorityException)
        {
            Log.NotFollowed(logger, failure.Message);
        }
    }

    private void Adopt(JsonNode state, RootState next)
    {
        try
        {
            roots.Saw(state);
            pipeline.Adopt(next);
        }
        catch (CertificateAuthorityException failure)
        {
            Log.NotFollowed(logger, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5320, LogLevel.Error, "Another replica's change of roots cannot be followed; what is in force stays: {Reason}")]
        public static partial void NotFollowed(ILogger logger, string reason);

        [LoggerMessage(5321, LogLevel.Warning, "ConfigMap {Namespace}/{Name} was deleted; it is written again with the next change of roots")]
        public static partial void Deleted(ILogger logger, string @namespace, string name);
    }
}
