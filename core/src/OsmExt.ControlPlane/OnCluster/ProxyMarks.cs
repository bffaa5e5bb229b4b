using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OsmExt.Sdk.Collections;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>A set of proxies, short enough to be told often: of each 48 bits of a hash of its name. Who has the names finds them again.</summary>
/// <param name="Marks">The hashes, in order.</param>
internal sealed record ProxyMarks(EquatableArray<ulong> Marks)
{
    private const int Length = 6;

    public static ProxyMarks None { get; } = new([]);

    public static ProxyMarks Of(IEnumerable<string> proxies) => new([.. proxies.Select(MarkOf).Distinct().Order()]);

    /// <summary>A proxy's mark.</summary>
    /// <param name="proxy">Its pod, as <c>NAMESPACE/NAME</c>.</param>
    public static ulong MarkOf(string proxy) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(proxy))) >> 16;

    public string ToText()
    {
        var bytes = new byte[Marks.Count * Length];
        Span<byte> one = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < Marks.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(one, Marks[i]);
            one[(sizeof(ulong) - Length)..].CopyTo(bytes.AsSpan(i * Length));
        }

        return Convert.ToBase64String(bytes);
    }

    /// <exception cref="FormatException">It is something else.</exception>
    public static ProxyMarks Parse(string text)
    {
        var bytes = Convert.FromBase64String(text);
        return new([.. Enumerable.Range(0, bytes.Length / Length).Select(i => bytes.AsSpan(i * Length, Length).ToArray().Aggregate(0ul, (mark, part) => (mark << 8) | part))]);
    }
}
