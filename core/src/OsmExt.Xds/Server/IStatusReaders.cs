using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace OsmExt.Xds.Server;

/// <summary>The host's part of the client status discovery service: whose status may whoever is on this connection ask for?</summary>
internal interface IStatusReaders
{
    /// <exception cref="RpcException">It may not ask at all.</exception>
    ValueTask<StatusReader> AuthorizeAsync(HttpContext connection, CancellationToken cancellationToken);
}

/// <summary>Who asks.</summary>
/// <param name="MaySee">Whether it may be told of the proxy of this id.</param>
internal sealed record StatusReader(Predicate<string> MaySee)
{
    public static StatusReader OfAll { get; } = new(static _ => true);
}

/// <summary>Where the host says nothing else, nobody may ask.</summary>
internal sealed class NoStatusReaders : IStatusReaders
{
    public ValueTask<StatusReader> AuthorizeAsync(HttpContext connection, CancellationToken cancellationToken)
        => throw new RpcException(new Status(StatusCode.PermissionDenied, "nobody may ask for the status of proxies here"));
}
