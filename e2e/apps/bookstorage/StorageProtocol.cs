using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace OsmExt.Demo;

/// <summary>
/// Numbers by name, in memory. A greeting, then a reply to each line: <c>GET key</c>, <c>SET key n</c> and <c>ADD key n</c> are
/// answered by <c>OK n</c>, anything else by <c>ERR reason</c>.
/// </summary>
internal sealed class StorageProtocol : ConnectionHandler
{
    private const string Greeting = "bookstorage 1 ready";

    private static readonly ConcurrentDictionary<string, long> Numbers = new(StringComparer.Ordinal);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await Lines.WriteAsync(connection.Transport.Output, Greeting);
        await foreach (var command in Lines.ReadAsync(connection.Transport.Input))
        {
            var start = TimeProvider.System.GetTimestamp();
            var reply = Reply(command);
            await Lines.WriteAsync(connection.Transport.Output, reply);
            new RequestLine("bookstorage", "server", "TCP", command, reply.StartsWith("OK", StringComparison.Ordinal) ? 200 : 400)
            {
                Ms = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds,
            }.Print();
        }
    }

    private static string Reply(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isNumber = long.TryParse(words.ElementAtOrDefault(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return (words, isNumber) switch
        {
            (["GET", var key], _) => Ok(Numbers.GetValueOrDefault(key)),
            (["SET", var key, _], true) => Ok(Numbers[key] = number),
            (["ADD", var key, _], true) => Ok(Numbers.AddOrUpdate(key, number, (_, old) => old + number)),
            _ => "ERR expected GET key, SET key number or ADD key number",
        };
    }

    private static string Ok(long number) => string.Create(CultureInfo.InvariantCulture, $"OK {number}");
}
