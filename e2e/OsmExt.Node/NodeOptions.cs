namespace OsmExt.Node;

/// <summary>What a node runs with.</summary>
internal sealed record NodeOptions
{
    /// <summary>Prefix of what it makes on the machine, and its name in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>The API server, as an administrator sees it.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>Where its files are while it runs. Other users must be able to pass.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where output of containers goes: <c>NAMESPACE.POD/CONTAINER.out.log</c> and <c>.err.log</c>.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>Images: the program of image <c>registry/any/NAME:tag</c> is <c>NAME/NAME</c> below it.</summary>
    public required string ImagesDirectory { get; init; }

    /// <summary>Where pods find the API server, on the node's address.</summary>
    public int ApiPort { get; init; } = 6443;
}
