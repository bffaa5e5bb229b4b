using System.Net;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>What the API server and new sidecars ask a control plane on a cluster, and what is injected.</summary>
internal sealed record WebhookOptions
{
    /// <summary>Where it listens, over TLS.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Any, 9090);

    /// <summary>Envoy's image where the MeshConfig names none.</summary>
    public string EnvoyImage { get; init; } = "";

    /// <summary>The image with iptables where the MeshConfig names none.</summary>
    public string InitImage { get; init; } = "";

    /// <summary>The image of this program, for the agent beside Envoy.</summary>
    public string AgentImage { get; init; } = "";

    /// <summary>When images are pulled.</summary>
    public string PullPolicy { get; init; } = "IfNotPresent";

    /// <summary>Where agents find the port; empty for the Service <c>osm-injector</c> in the control plane's namespace.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Where proxies find the xDS port; empty for the Service <c>osm-controller</c> in the control plane's namespace.</summary>
    public string Controller { get; init; } = "";

    /// <summary>The MutatingWebhookConfiguration; null for <c>osm-webhook-MESH</c>.</summary>
    public string? MutatingName { get; init; }

    /// <summary>The ValidatingWebhookConfiguration; null for <c>osm-validator-mesh-MESH</c>.</summary>
    public string? ValidatingName { get; init; }

    /// <summary>Further names that are in the port's certificate.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether a token counts only from an address of the pod it is bound to. Off where something between pods and Services changes addresses.</summary>
    public bool BindTokensToAddress { get; init; } = true;

    /// <summary>How long a sidecar's credential is valid; its agent renews it when a third of that is left.</summary>
    public TimeSpan CredentialValidity { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many objects are compiled at a time to see what the mesh would say.</summary>
    public int ReviewsAtATime { get; init; } = 2;

    /// <summary>How long compiling may be waited for; then only what the object itself says is judged.</summary>
    public TimeSpan ReviewPatience { get; init; } = TimeSpan.FromSeconds(4);
}
