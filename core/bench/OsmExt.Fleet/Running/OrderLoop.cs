using System.Text.Json;

namespace OsmExt.Fleet.Running;

/// <summary>A process that does what it is told on standard input, and answers each order with a line on standard output, until the input ends.</summary>
internal static class OrderLoop
{
    public static async Task<int> RunAsync(Func<Order, Task<object>> obey)
    {
        await using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var answer = await obey(JsonSerializer.Deserialize<Order>(line)!).ConfigureAwait(false);
            await answers.WriteLineAsync(JsonSerializer.Serialize(answer, answer.GetType())).ConfigureAwait(false);
        }

        return 0;
    }
}
