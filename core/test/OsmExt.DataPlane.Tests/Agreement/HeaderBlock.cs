using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Reads the headers of an answer (RFC 7541) to whoever has allowed no table. Of indexed names only those are known that are asked for here.</summary>
internal static class HeaderBlock
{
    private static readonly Unpack Huffman = typeof(KestrelServer).Assembly.GetType("System.Net.Http.HPack.Huffman", throwOnError: true)!
        .GetMethod("Decode", BindingFlags.Public | BindingFlags.Static, [typeof(ReadOnlySpan<byte>), typeof(byte[]).MakeByRefType()])!.CreateDelegate<Unpack>();

    private static readonly string[] Statuses = ["200", "204", "206", "304", "400", "404", "500"];

    private delegate int Unpack(ReadOnlySpan<byte> from, ref byte[] to);

    public static List<(string Name, string Value)> Read(ReadOnlySpan<byte> block)
    {
        var headers = new List<(string, string)>();
        while (block.Length > 0)
        {
            var first = block[0];
            if (first >= 0x80)
            {
                var index = Number(ref block, 7);
                headers.Add(index is >= 8 and <= 14 ? (":status", Statuses[index - 8]) : ($"#{index}", ""));
            }
            else if ((first & 0xe0) == 0x20)
            {
                Number(ref block, 5);
            }
            else
            {
                var index = Number(ref block, first >= 0x40 ? 6 : 4);
                var name = index == 0 ? Text(ref block) : index is >= 8 and <= 14 ? ":status" : $"#{index}";
                headers.Add((name, Text(ref block)));
            }
        }

        return headers;
    }

    private static int Number(ref ReadOnlySpan<byte> from, int bits)
    {
        var most = (1 << bits) - 1;
        var value = from[0] & most;
        from = from[1..];
        for (var shift = 0; value >= most; shift += 7)
        {
            var next = from[0];
            from = from[1..];
            value += (next & 127) << shift;
            if (next < 128)
            {
                break;
            }
        }

        return value;
    }

    private static string Text(ref ReadOnlySpan<byte> from)
    {
        var packed = from[0] >= 128;
        var length = Number(ref from, 7);
        var bytes = from[..length];
        from = from[length..];
        if (!packed)
        {
            return Encoding.Latin1.GetString(bytes);
        }

        var to = new byte[length * 2];
        var count = Huffman(bytes, ref to);
        return Encoding.Latin1.GetString(to, 0, count);
    }
}
