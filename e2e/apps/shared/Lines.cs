using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace OsmExt.Demo;

/// <summary>Reads and writes protocols of lines.</summary>
internal static class Lines
{
    // No peer may make a server keep more than this of a line that never ends.
    private const int Longest = 4096;

    /// <summary>The lines of a connection until it ends, or a line is too long.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                yield return Encoding.UTF8.GetString(buffer.Slice(0, end)).TrimEnd('\r');
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || buffer.Length > Longest)
            {
                yield break;
            }
        }
    }

    public static async Task WriteAsync(PipeWriter output, string line) => await output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
