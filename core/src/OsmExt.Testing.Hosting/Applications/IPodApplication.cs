using System.Net;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>What listens at a port of a pod, or outside the mesh.</summary>
internal interface IPodApplication : IAsyncDisposable
{
    /// <summary>Opens a connection to it.</summary>
    /// <param name="source">From where, as it shall see it.</param>
    /// <param name="local">To where.</param>
    /// <param name="stop">Gives up.</param>
    ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop);
}
