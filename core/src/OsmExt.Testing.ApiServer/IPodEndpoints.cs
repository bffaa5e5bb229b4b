using System.Net;

namespace OsmExt.Testing.ApiServer;

/// <summary>What stands behind pods where no kubelet runs them: where their ports are, and what their containers have logged.</summary>
public interface IPodEndpoints
{
    /// <summary>Where connections to a port of a pod go; null when nothing listens there.</summary>
    EndPoint? PortOf(string podNamespace, string pod, int port);

    /// <summary>A container's log; null when it has none.</summary>
    /// <param name="podNamespace">The pod's namespace.</param>
    /// <param name="pod">The pod's name.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="previous">Whether the log of the run before the last restart is meant.</param>
    string? LogOf(string podNamespace, string pod, string container, bool previous);
}
