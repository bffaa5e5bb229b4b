using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Kubernetes.Admission;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>Gives new pods their sidecars. Nothing is written anywhere and no secret is in the answer, so a dry run is like any other.</summary>
internal sealed class PodReview(ResourceStore store, CompilerOptions compiler, WebhookOptions options, ClusterVersion version, CertificateAuthority authority)
{
    public JsonObject Answer(AdmissionRequest request)
    {
        if (request.Kind != "Pod" || request.Operation != "CREATE" || request.Object is not { } json)
        {
            return request.Allow([]);
        }

        var snapshot = store.Snapshot;
        if (snapshot.Find<Namespace>(new("Namespace", "", request.Namespace)) is not { } ns)
        {
            // The server knows the namespace and we do not yet. Whoever makes the pod tries again; without a sidecar it would stay without.
            return request.Deny(503, "ServiceUnavailable", $"Namespace {request.Namespace} is not known to the mesh yet; try again");
        }

        var injection = SidecarInjector.Inject(new(json, request.Namespace), ns, Settings(snapshot), NameOf(request.Uid));
        var warnings = injection.Diagnostics.Where(found => found.Severity != Severity.Error).Select(found => found.ToString());
        return injection.IsRefused
            ? request.Deny(422, "Invalid", string.Join('\n', injection.Diagnostics.Where(found => found.Severity == Severity.Error)), warnings)
            : request.Allow(warnings, injection.Pod is { } injected ? JsonDifference.Of(json, injected) : null);
    }

    /// <summary>What is injected at this moment.</summary>
    public InjectionSettings Settings(ResourceSnapshot snapshot) => new()
    {
        MeshName = compiler.MeshName,
        OsmNamespace = compiler.OsmNamespace,
        Sidecar = snapshot.Find<MeshConfig>(new(nameof(MeshConfig), compiler.OsmNamespace, MeshConfig.WellKnownName))?.Sidecar ?? SidecarSettings.Default,
        EnvoyImage = options.EnvoyImage,
        InitImage = options.InitImage,
        AgentImage = options.AgentImage,
        PullPolicy = options.PullPolicy,
        NativeSidecars = version.HasSidecarContainers,
        Roots = authority.XdsBundle.Pem,
        Controller = options.Controller,
        Issuer = options.Issuer,
    };

    // The server makes up an id for each question; another one for each copy of a pod.
    private static Guid NameOf(string uid)
        => Guid.TryParseExact(uid, "D", out var id) ? id : new(SHA256.HashData(Encoding.UTF8.GetBytes(uid)).AsSpan(0, 16));
}
