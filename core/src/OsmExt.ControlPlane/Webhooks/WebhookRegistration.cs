using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Http;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>
/// Tells the API server by which roots it knows our webhooks: <c>caBundle</c> of the mesh's webhook configurations, and of
/// kinds that are converted by it, where they point to this control plane. The leader does so, and only where it is not so already; nothing else of them is touched. An outdated entry is
/// mended at once after a change of roots, and within a minute when somebody else changed it. Definitions are the cluster's and name one mesh's namespace: where there is no such Service, this
/// mesh takes the conversion over. Until the server knows the webhooks the first time, a replica is not ready, but for a limited time: proxies have to be served also where that never comes.
/// </summary>
internal sealed partial class WebhookRegistration(
    Func<ApiCall, CancellationToken, Task<JsonNode>> ask, IReplicas replicas, Func<string, string, bool> hasService, Readiness readiness, CertificateAuthority authority, CompilerOptions compiler, WebhookOptions options, TimeProvider time, ILogger<WebhookRegistration> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Check = TimeSpan.FromMinutes(1);

    // By name: that is all the access it is given.
    private IEnumerable<(ApiResource Kind, string Name)> Subjects =>
    [
        (new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", false), options.MutatingName ?? $"osm-webhook-{compiler.MeshName}"),
        (new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", false), options.ValidatingName ?? $"osm-validator-mesh-{compiler.MeshName}"),
        (ApiResource.CustomResourceDefinitions, "meshconfigs.config.openservicemesh.io"),
        (ApiResource.CustomResourceDefinitions, "trafficsplits.split.smi-spec.io"),
    ];

    /// <summary>Mends what is outdated now; how many objects that were.</summary>
    public Task<int> MendAsync(CancellationToken cancellation) => LookAsync(mend: true, cancellation);

    private async Task<int> LookAsync(bool mend, CancellationToken cancellation)
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.XdsBundle.Pem));
        var outdated = 0;
        foreach (var (kind, name) in Subjects)
        {
            if (await FindAsync(kind, name, cancellation).ConfigureAwait(false) is { } item && Patch(item, bundle) is { Count: > 1 } patch)
            {
                outdated++;
                if (mend)
                {
                    await ask(new("patch", kind.Plural, kind.Of("", name)) { Body = patch, ContentType = "application/json-patch+json" }, cancellation).ConfigureAwait(false);
                    Log.Mended(logger, kind.Plural, name);
                }
            }
        }

        return outdated;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var (told, due, start) = ("", DateTimeOffset.MinValue, time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var (pem, now) = (authority.XdsBundle.Pem, time.GetUtcNow());
                if (replicas.IsLeader && (pem != told || now >= due))
                {
                    (told, due) = (await TryAsync(mend: true, stoppingToken).ConfigureAwait(false) is not null ? pem : told, now + Check);
                }

                if (readiness.AwaitsWebhooks && (pem == told || await TryAsync(mend: false, stoppingToken).ConfigureAwait(false) == 0 || time.GetElapsedTime(start) > Patience))
                {
                    readiness.AwaitsWebhooks = false;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<JsonObject?> FindAsync(ApiResource kind, string name, CancellationToken cancellation)
    {
        try
        {
            return await ask(new("get", kind.Plural, kind.Of("", name)), cancellation).ConfigureAwait(false) as JsonObject;
        }
        catch (ClusterCallException absent) when (absent.IsNotFound)
        {
            return null;
        }
    }

    // Null when there is no answer.
    private async Task<int?> TryAsync(bool mend, CancellationToken cancellation)
    {
        try
        {
            return await LookAsync(mend, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
        {
            Log.NotMended(logger, failure);
            return null;
        }
    }

    // The version is tested: of an object that has changed since, positions may mean something else.
    private JsonArray Patch(JsonObject item, string bundle)
    {
        var patch = new JsonArray(new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = PodObject.Child(item, "metadata")?["resourceVersion"]?.DeepClone() });
        foreach (var (webhook, index) in PodObject.Objects(item, "webhooks").Select((webhook, index) => (webhook, index)))
        {
            Mend(PodObject.Child(webhook, "clientConfig"), FormattableString.Invariant($"/webhooks/{index}/clientConfig"));
        }

        const string Converting = "/spec/conversion/webhook/clientConfig";
        var converter = PodObject.Child(PodObject.Child(PodObject.Child(PodObject.Child(item, "spec"), "conversion"), "webhook"), "clientConfig");
        if (PodObject.Child(converter, "service") is { } used && IsOurs(used, anywhere: true) && PodObject.Text(used, "namespace") is var ns && ns != compiler.OsmNamespace && !hasService(ns, PodObject.Text(used, "name")))
        {
            patch.Add(new JsonObject { ["op"] = "replace", ["path"] = $"{Converting}/service/namespace", ["value"] = compiler.OsmNamespace });
            patch.Add(new JsonObject { ["op"] = "add", ["path"] = $"{Converting}/caBundle", ["value"] = bundle });
        }

        Mend(converter, Converting);
        return patch;

        void Mend(JsonObject? client, string path)
        {
            if (PodObject.Child(client, "service") is { } service && IsOurs(service, anywhere: false) && PodObject.Text(client, "caBundle") != bundle)
            {
                patch.Add(new JsonObject { ["op"] = "add", ["path"] = $"{path}/caBundle", ["value"] = bundle });
            }
        }

        bool IsOurs(JsonObject service, bool anywhere)
            => (anywhere || PodObject.Text(service, "namespace") == compiler.OsmNamespace) && PodObject.Text(service, "name") is ("osm-injector" or "osm-validator");
    }

    private static partial class Log
    {
        [LoggerMessage(5387, LogLevel.Information, "{Kind} {Name} knows the webhooks by the roots in force")]
        public static partial void Mended(ILogger logger, string kind, string name);

        [LoggerMessage(5388, LogLevel.Error, "The API server could not be told by which roots it knows the webhooks; it is tried again")]
        public static partial void NotMended(ILogger logger, Exception failure);
    }
}
