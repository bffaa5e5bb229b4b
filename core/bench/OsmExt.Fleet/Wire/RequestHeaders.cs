using System.Text;

namespace OsmExt.Fleet.Wire;

/// <summary>The headers of a gRPC call in HPACK, by numbers of its static table and plain text.</summary>
internal static class RequestHeaders
{
    public static byte[] Of(string authority, string path)
    {
        // :method POST and :scheme https are entries 3 and 7; names alone are 1, 4, 31 and 58.
        List<byte> block = [0x83, 0x87];
        Literal(block, 4, path);
        Literal(block, 1, authority);
        Literal(block, 31, "application/grpc");
        Literal(block, 58, "grpc-fleet/1.0");
        block.Add(0);
        Text(block, "te");
        Text(block, "trailers");
        return [.. block];
    }

    private static void Literal(List<byte> block, int name, string value)
    {
        Integer(block, name, 15);
        Text(block, value);
    }

    private static void Text(List<byte> block, string text)
    {
        Integer(block, text.Length, 127);
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }

    private static void Integer(List<byte> block, int value, int prefix)
    {
        if (value < prefix)
        {
            block.Add((byte)value);
            return;
        }

        block.Add((byte)prefix);
        for (value -= prefix; value > 127; value >>= 7)
        {
            block.Add((byte)(value | 0x80));
        }

        block.Add((byte)value);
    }
}
