using Envoy.Config.Core.V3;
using Grpc.Core;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>What of a request matters to the server, whichever variant it is written in.</summary>
/// <param name="Node">The node, if it says one.</param>
/// <param name="Request">What it asks for or answers.</param>
/// <param name="Bytes">Its size on the wire, which is what it costs to read and to take in.</param>
internal readonly record struct ReadRequest(Node? Node, TypeRequest Request, int Bytes);

/// <summary>Makes the requests of both variants look alike.</summary>
internal interface IRequestReader
{
    /// <summary>Null when the client has nothing more to say.</summary>
    Task<ReadRequest?> ReadAsync(CancellationToken cancellationToken);
}

/// <inheritdoc />
internal sealed class RequestReader<T>(IAsyncStreamReader<T> requests, Func<T, ReadRequest> read) : IRequestReader
{
    public async Task<ReadRequest?> ReadAsync(CancellationToken cancellationToken)
        => await requests.MoveNext(cancellationToken).ConfigureAwait(false) ? read(requests.Current) : null;
}
