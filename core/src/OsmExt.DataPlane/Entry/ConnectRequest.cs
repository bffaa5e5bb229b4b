using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace OsmExt.DataPlane.Entry;

/// <summary>
/// The head of a CONNECT request. Kestrel, which reads all other requests here, does not let go of a connection after one, so its parser is
/// used by itself.
/// </summary>
internal static class ConnectRequest
{
    private static readonly HttpParser<Head> Parser = new(showErrorDetails: false);

    /// <summary>What a CONNECT request begins with.</summary>
    public static ReadOnlySpan<byte> Start => "CONNECT "u8;

    /// <summary>Reads a head; a head that has not arrived whole has the length 0.</summary>
    /// <exception cref="BadHttpRequestException">It is none.</exception>
    public static (int Length, string Authority) Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new SequenceReader<byte>(new(bytes));
        var head = new Head();
        return Parser.ParseRequestLine(head, ref reader) && Parser.ParseHeaders(head, ref reader) ? ((int)reader.Consumed, head.Target) : (0, "");
    }

    private sealed class Head : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        public string Target { get; private set; } = "";

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
            => Target = Encoding.ASCII.GetString(startLine[targetPath.Offset..]);

        // Nothing in a CONNECT request's headers is for this proxy.
        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
        }

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index) => throw new NotSupportedException();

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();
    }
}
