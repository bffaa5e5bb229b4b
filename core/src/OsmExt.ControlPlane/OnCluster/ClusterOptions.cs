using OsmExt.ControlPlane.Webhooks;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>How a control plane lives on a cluster.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Where the API server is and how to prove who asks.</summary>
    public required ClusterConnection Connection { get; init; }

    /// <summary>This replica's name: its pod's, where it runs in one.</summary>
    public required string Replica { get; init; }

    /// <summary>The Secret with the root certificate and its key, in the control plane's namespace.</summary>
    public string CaBundleSecret { get; init; } = "osm-ca-bundle";

    /// <summary>The Lease whose holder writes, and the Service of the replicas, in the control plane's namespace.</summary>
    public string Name { get; init; } = "osm-controller";

    /// <summary>For how long a leader that is not heard of stays the leader.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the Lease is renewed, or looked at.</summary>
    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a replica that is told to stop goes on serving, so that nobody is sent to it any more when its streams end.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the API server and new sidecars ask.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Over how long its proxies are then asked to connect elsewhere.</summary>
    public TimeSpan DrainSpread { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often objects' statuses are looked at.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Statuses that are written in a second, when there is much to write; ten times as many at once.</summary>
    public double StatusesPerSecond { get; init; } = 20;

    /// <summary>Events that are written in a second, when there are many; ten times as many at once. More are left out.</summary>
    public double EventsPerSecond { get; init; } = 2;

    /// <summary>How patient reading is.</summary>
    public ReflectorOptions Reflectors { get; init; } = new();

    /// <summary>What jitter is made from.</summary>
    public int Seed { get; init; } = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
}
