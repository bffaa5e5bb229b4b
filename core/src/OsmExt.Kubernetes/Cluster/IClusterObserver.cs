namespace OsmExt.Kubernetes.Cluster;

/// <summary>Is told what goes on between this process and an API server.</summary>
internal interface IClusterObserver
{
    /// <summary>A request was answered; a status of 0 says that it was not.</summary>
    void Called(string verb, string resource, int status);

    /// <summary>Objects of a kind are being read in full.</summary>
    void Listing(string resource, bool again);
}

/// <summary>Nobody wants to know.</summary>
internal sealed class NoClusterObserver : IClusterObserver
{
    public static NoClusterObserver Instance { get; } = new();

    public void Called(string verb, string resource, int status)
    {
    }

    public void Listing(string resource, bool again)
    {
    }
}
