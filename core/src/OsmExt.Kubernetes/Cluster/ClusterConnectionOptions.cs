namespace OsmExt.Kubernetes.Cluster;

/// <summary>Which cluster is meant, as kubectl's options and environment say it.</summary>
internal sealed record ClusterConnectionOptions
{
    /// <summary>The only kubeconfig to read; null for the files of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>, else the cluster this program runs in.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context; null for the current one.</summary>
    public string? Context { get; init; }

    /// <summary>The namespace; null for the context's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Where a pod finds its own token, namespace and the API server's root.</summary>
    public string ServiceAccountDirectory { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether somebody can answer what a credential plugin asks.</summary>
    public bool IsInteractive { get; init; } = !Console.IsInputRedirected;

    /// <summary>The clock by which credentials expire.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
