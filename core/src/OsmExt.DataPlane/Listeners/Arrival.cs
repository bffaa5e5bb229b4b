using System.Net;

namespace OsmExt.DataPlane.Listeners;

/// <summary>A connection that arrives without a socket of ours: the way in for explicit proxies and for clients in this process.</summary>
/// <param name="Stream">Its bytes; whoever takes it disposes of it.</param>
/// <param name="Source">From where it comes, as the proxy shall see it.</param>
/// <param name="Destination">To where the client opened it, before any redirect.</param>
/// <param name="RedirectedTo">The port interception would have sent it to, such as 15001; 0 when it is dialled directly.</param>
internal sealed record Arrival(Stream Stream, IPEndPoint Source, IPEndPoint Destination, int RedirectedTo);
