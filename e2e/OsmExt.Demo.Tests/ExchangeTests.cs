using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Tests;

public class ExchangeTests
{
    [Fact]
    public void A_client_line_is_an_exchange()
    {
        const string Line = """
            {"ts":1000,"app":"bookstore","side":"client","method":"POST","url":"http://bookwarehouse.bookwarehouse.svc.cluster.local:14001/restock-books","status":200,"identity":"w","peer":"spiffe://p","self":"spiffe://s","ms":2.5}
            """;
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1000);
        Assert.Equal(
            new Exchange("bookstore-v1", "bookwarehouse", "POST /restock-books", 200, "w", "spiffe://s", "spiffe://p", start, start.AddMilliseconds(2.5)),
            Exchange.Parse("bookstore-v1", Line));
    }

    [Fact]
    public void A_line_over_tcp_names_the_service_and_no_path()
    {
        var exchange = Exchange.Parse("w", """{"ts":1,"side":"client","method":"TCP","url":"tcp://bookstorage.bookwarehouse:3306","status":0,"error":"Timeout","ms":1}""");
        Assert.Equal(("bookstorage", "TCP", 0, ""), (exchange!.To, exchange.What, exchange.Status, exchange.Peer));
    }

    [Theory]
    [InlineData("""{"ts":1,"side":"server","method":"GET","url":"/raw","status":200,"ms":1}""")]
    [InlineData("""{"ts":1,"side":"client","method":"GET","url":"/no-host","status":200,"ms":1}""")]
    [InlineData("""{"level":"info"}""")]
    [InlineData("""{"ts":1,"side":"cli""")]
    [InlineData("Now listening")]
    public void Other_lines_are_not(string line) => Assert.Null(Exchange.Parse("pod", line));
}
